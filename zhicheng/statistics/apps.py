from django.apps import AppConfig


class StatisticsConfig(AppConfig):
    name = "zhicheng.statistics"
    label = "statistics"
    verbose_name = "统计"
    default_auto_field = "django.db.models.BigAutoField"
