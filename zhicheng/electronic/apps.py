from django.apps import AppConfig


class ElectronicConfig(AppConfig):
    name = "zhicheng.electronic"
    label = "electronic"
    verbose_name = "电子证书"
    default_auto_field = "django.db.models.BigAutoField"
