from django.apps import AppConfig


class GuidanceConfig(AppConfig):
    name = "zhicheng.guidance"
    label = "guidance"
    verbose_name = "使用指引"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from zhicheng.guidance.tour import panel, sample
        from zhicheng.web.panels import provides_panel
        from zhicheng.web.samples import provides_sample

        provides_panel(panel)
        provides_sample(sample)
