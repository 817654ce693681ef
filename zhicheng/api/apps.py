from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "zhicheng.api"
    label = "api"
    verbose_name = "开放数据接口"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tells the first page of keys that end soon and deliveries that were given up."""
        from zhicheng.api.waiting import keys_and_deliveries
        from zhicheng.web.tasks import provides_tasks

        provides_tasks(keys_and_deliveries)
