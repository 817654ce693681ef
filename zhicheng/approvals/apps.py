from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "zhicheng.approvals"
    label = "approvals"
    verbose_name = "核准文件"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from zhicheng.approvals.waiting import beginning, waiting
        from zhicheng.web.tasks import provides_tasks, suggests_next_steps

        provides_tasks(waiting)
        suggests_next_steps(beginning)
