from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    name = "zhicheng.credentials"
    label = "credentials"
    verbose_name = "核验码与签名密钥"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tells the first page when certificates can't be signed."""
        from zhicheng.credentials.waiting import key_missing
        from zhicheng.web.tasks import provides_tasks

        provides_tasks(key_missing)
