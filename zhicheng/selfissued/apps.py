from django.apps import AppConfig


class SelfIssuedConfig(AppConfig):
    name = "zhicheng.selfissued"
    label = "selfissued"
    verbose_name = "自主评审证书"
    default_auto_field = "django.db.models.BigAutoField"
