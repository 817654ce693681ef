from django.apps import AppConfig


class ReissuesConfig(AppConfig):
    name = "zhicheng.reissues"
    label = "reissues"
    verbose_name = "补办与换发"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Voids the old certificate at the issue of the new one; tells and proves the rest."""
        from zhicheng.certificates.owners import called_before_issue
        from zhicheng.certificates.reconcile import proves_further
        from zhicheng.certificates.turning_up import watches_gone
        from zhicheng.organizations.closing import finds_left
        from zhicheng.registers.live_check import tells_certified
        from zhicheng.registers.numbering.used import tells_used_numbers
        from zhicheng.reissues.actions_old import at_a_station
        from zhicheng.reissues.closing import reissues_left
        from zhicheng.reissues.completing import complete
        from zhicheng.reissues.proofs import check_reissues
        from zhicheng.reissues.used import certified_by_reissues, numbers_of_reissues
        from zhicheng.reissues.waiting import reissues_waiting
        from zhicheng.web.tasks import provides_tasks

        finds_left(reissues_left)
        called_before_issue(complete)
        proves_further(check_reissues)
        tells_certified(certified_by_reissues)
        tells_used_numbers(numbers_of_reissues)
        watches_gone(at_a_station)
        provides_tasks(reissues_waiting)
