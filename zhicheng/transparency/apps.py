from django.apps import AppConfig


class TransparencyConfig(AppConfig):
    name = "zhicheng.transparency"
    label = "transparency"
    verbose_name = "公开日志"
    default_auto_field = "django.db.models.BigAutoField"
