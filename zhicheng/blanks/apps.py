from django.apps import AppConfig


class BlanksConfig(AppConfig):
    name = "zhicheng.blanks"
    label = "blanks"
    verbose_name = "空白证书"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tells the first page what waits here."""
        from zhicheng.blanks.waiting import blanks_waiting
        from zhicheng.web.tasks import provides_tasks

        provides_tasks(blanks_waiting)
