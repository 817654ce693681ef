from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "zhicheng.notifications"
    label = "notifications"
    verbose_name = "提醒"
    default_auto_field = "django.db.models.BigAutoField"
