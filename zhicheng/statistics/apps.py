from django.apps import AppConfig


class StatisticsConfig(AppConfig):
    name = "zhicheng.statistics"
    label = "statistics"
    verbose_name = "统计"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from zhicheng.statistics.samples import district_map, pyramid
        from zhicheng.web.samples import provides_sample

        provides_sample(pyramid)
        provides_sample(district_map)
