from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "zhicheng.notifications"
    label = "notifications"
    verbose_name = "提醒"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keeps the deadlines of tasks, hears of work that ends, tells of mail that doesn't go."""
        from zhicheng.notifications import health
        from zhicheng.notifications.deadlines import deadlines_on
        from zhicheng.notifications.making import note_work
        from zhicheng.notifications.waiting import waiting
        from zhicheng.oversight.health import provides_checks
        from zhicheng.web.deadlines import keeps_deadlines
        from zhicheng.web.tasks import provides_tasks
        from zhicheng.work.kinds import hears_of_ends

        keeps_deadlines(deadlines_on)
        provides_tasks(waiting)
        provides_checks(health.checks)
        hears_of_ends(note_work)
