from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "zhicheng.registers"
    label = "registers"
    verbose_name = "登记表"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from zhicheng.registers.background import register_kinds
        from zhicheng.registers.waiting import waiting
        from zhicheng.web.tasks import provides_tasks

        provides_tasks(waiting)
        register_kinds()
