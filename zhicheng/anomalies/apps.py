from django.apps import AppConfig


class AnomaliesConfig(AppConfig):
    name = "zhicheng.anomalies"
    label = "anomalies"
    verbose_name = "异常"
    default_auto_field = "django.db.models.BigAutoField"
