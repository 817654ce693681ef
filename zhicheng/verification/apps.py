from django.apps import AppConfig


class VerificationConfig(AppConfig):
    name = "zhicheng.verification"
    label = "verification"
    verbose_name = "公众查询"
    default_auto_field = "django.db.models.BigAutoField"
