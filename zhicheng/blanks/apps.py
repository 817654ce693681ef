from django.apps import AppConfig


class BlanksConfig(AppConfig):
    name = "zhicheng.blanks"
    label = "blanks"
    verbose_name = "空白证书"
    default_auto_field = "django.db.models.BigAutoField"
