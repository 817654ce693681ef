from django.apps import AppConfig


class HistoricConfig(AppConfig):
    name = "zhicheng.historic"
    label = "historic"
    verbose_name = "历史证书"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Works in the worker, tells what waits, proves with the others."""
        from zhicheng.certificates.reconcile import proves_further
        from zhicheng.historic.background import register_kinds
        from zhicheng.historic.closing import registrations_left
        from zhicheng.historic.reconcile import check_historic
        from zhicheng.historic.waiting import historic_waiting
        from zhicheng.organizations.closing import finds_left
        from zhicheng.web.tasks import provides_tasks

        register_kinds()
        finds_left(registrations_left)
        proves_further(check_historic)
        provides_tasks(historic_waiting)
