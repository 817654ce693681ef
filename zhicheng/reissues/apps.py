from django.apps import AppConfig


class ReissuesConfig(AppConfig):
    name = "zhicheng.reissues"
    label = "reissues"
    verbose_name = "补办与换发"
    default_auto_field = "django.db.models.BigAutoField"
