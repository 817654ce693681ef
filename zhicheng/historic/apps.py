from django.apps import AppConfig


class HistoricConfig(AppConfig):
    name = "zhicheng.historic"
    label = "historic"
    verbose_name = "历史证书"
    default_auto_field = "django.db.models.BigAutoField"
