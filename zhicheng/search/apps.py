from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "zhicheng.search"
    label = "search"
    verbose_name = "全局搜索"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from zhicheng.search.samples import results
        from zhicheng.web.samples import provides_sample

        provides_sample(results)
