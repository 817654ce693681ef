from django.apps import AppConfig


class AnomaliesConfig(AppConfig):
    name = "zhicheng.anomalies"
    label = "anomalies"
    verbose_name = "异常"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tells the first page what waits for the inspector, and the worker how to look."""
        from zhicheng.anomalies.background import register_kinds
        from zhicheng.anomalies.views_queue import ToLookInto
        from zhicheng.anomalies.waiting import anomalies_waiting
        from zhicheng.web.queues import provides_queue
        from zhicheng.web.tasks import provides_tasks

        provides_tasks(anomalies_waiting)
        provides_queue(ToLookInto)
        register_kinds()
