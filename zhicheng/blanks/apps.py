from django.apps import AppConfig


class BlanksConfig(AppConfig):
    name = "zhicheng.blanks"
    label = "blanks"
    verbose_name = "空白证书"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tells the first page what waits here, and hears of refused actions for the alarms."""
        from zhicheng.audit.recording import watches_refusals
        from zhicheng.blanks.alarms import watch
        from zhicheng.blanks.case_waiting import cases_waiting
        from zhicheng.blanks.closing import blanks_left
        from zhicheng.blanks.queries.editions import all_editions
        from zhicheng.blanks.queues import QUEUES
        from zhicheng.blanks.waiting import beginning, blanks_waiting
        from zhicheng.layouts.hooks import knows_editions
        from zhicheng.organizations.closing import finds_left
        from zhicheng.web.queues import provides_queue
        from zhicheng.web.tasks import provides_tasks, suggests_next_steps

        finds_left(blanks_left)
        provides_tasks(blanks_waiting)
        suggests_next_steps(beginning)
        for queue in QUEUES:
            provides_queue(queue)
        provides_tasks(cases_waiting)
        watches_refusals(watch)
        knows_editions(all_editions)
