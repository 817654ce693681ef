from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "zhicheng.organizations"
    label = "organizations"
    verbose_name = "机构与账号"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listens to logins, and tells administrators what waits."""
        from zhicheng.organizations import sessions  # noqa: F401
        from zhicheng.organizations.waiting import beginning, waiting
        from zhicheng.web.tasks import provides_tasks, suggests_next_steps

        provides_tasks(waiting)
        suggests_next_steps(beginning)
