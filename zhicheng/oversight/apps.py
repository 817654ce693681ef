from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "zhicheng.oversight"
    label = "oversight"
    verbose_name = "审计页面"

    def ready(self) -> None:
        """Tells the first pages of auditors and administrators what isn't as it should be."""
        from zhicheng.oversight.background import register_kinds
        from zhicheng.oversight.waiting import to_check, waiting
        from zhicheng.web.tasks import provides_tasks, suggests_next_steps

        provides_tasks(waiting)
        suggests_next_steps(to_check)
        register_kinds()
