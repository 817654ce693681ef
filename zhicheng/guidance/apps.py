from django.apps import AppConfig


class GuidanceConfig(AppConfig):
    name = "zhicheng.guidance"
    label = "guidance"
    verbose_name = "使用指引"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from zhicheng.guidance.tour import panel
        from zhicheng.web.panels import provides_panel

        provides_panel(panel)
