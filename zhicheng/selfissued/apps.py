from django.apps import AppConfig


class SelfIssuedConfig(AppConfig):
    name = "zhicheng.selfissued"
    label = "selfissued"
    verbose_name = "自主发放证书"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from zhicheng.organizations.closing import finds_left
        from zhicheng.registers.numbering.used import tells_used_numbers
        from zhicheng.selfissued.checking import numbers_of_units
        from zhicheng.selfissued.closing import reports_left
        from zhicheng.selfissued.queries import concerned
        from zhicheng.selfissued.waiting import waiting
        from zhicheng.web.navigation import shown_only_to
        from zhicheng.web.tasks import provides_tasks

        finds_left(reports_left)
        tells_used_numbers(numbers_of_units)
        provides_tasks(waiting)
        shown_only_to("selfissued:list", concerned)
