from django.apps import AppConfig


class VerificationConfig(AppConfig):
    name = "zhicheng.verification"
    label = "verification"
    verbose_name = "公众查询"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from zhicheng.registers.numbering.used import tells_used_numbers
        from zhicheng.reissues.old_certificates import tells_old_certificates
        from zhicheng.verification.batch.background import register_kinds
        from zhicheng.verification.lookups import lookup_record
        from zhicheng.verification.queries import in_old_ledgers
        from zhicheng.verification.used_numbers import numbers_in_old_ledgers
        from zhicheng.verification.waiting import alarms_waiting, beginning
        from zhicheng.web.limits import records_questions
        from zhicheng.web.tasks import provides_tasks, suggests_next_steps

        records_questions(lookup_record)
        provides_tasks(alarms_waiting)
        suggests_next_steps(beginning)
        tells_used_numbers(numbers_in_old_ledgers)
        tells_old_certificates(in_old_ledgers)
        register_kinds()
