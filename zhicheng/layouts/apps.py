from django.apps import AppConfig


class LayoutsConfig(AppConfig):
    name = "zhicheng.layouts"
    label = "layouts"
    verbose_name = "套打版式"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tells the first page of drafts that wait for a second officer."""
        from zhicheng.layouts.waiting import drafts_waiting
        from zhicheng.web.tasks import provides_tasks

        provides_tasks(drafts_waiting)
