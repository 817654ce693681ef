from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "zhicheng.work"
    label = "work"
    verbose_name = "后台处理"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Puts unfinished work on the first page."""
        from zhicheng.web.tasks import provides_tasks
        from zhicheng.work.waiting import waiting

        provides_tasks(waiting)
