from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "zhicheng.organizations"
    label = "organizations"
    verbose_name = "机构与账号"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listens to logins."""
        from zhicheng.organizations import sessions  # noqa: F401
