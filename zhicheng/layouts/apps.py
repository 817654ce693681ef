from django.apps import AppConfig


class LayoutsConfig(AppConfig):
    name = "zhicheng.layouts"
    label = "layouts"
    verbose_name = "套打版式"
    default_auto_field = "django.db.models.BigAutoField"
