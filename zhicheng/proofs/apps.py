from django.apps import AppConfig


class ProofsConfig(AppConfig):
    name = "zhicheng.proofs"
    label = "proofs"
    verbose_name = "定时验证"
    default_auto_field = "django.db.models.BigAutoField"
