from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "zhicheng.files"
    label = "files"
    verbose_name = "佐证材料"
    default_auto_field = "django.db.models.BigAutoField"
