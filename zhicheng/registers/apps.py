from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "zhicheng.registers"
    label = "registers"
    verbose_name = "登记表"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from zhicheng.organizations.closing import finds_left, warns_of
        from zhicheng.registers.background import register_kinds
        from zhicheng.registers.closing import registers_left
        from zhicheng.registers.queues import ToAccept, ToEndorse
        from zhicheng.registers.to_come import people_to_come
        from zhicheng.registers.waiting import beginning, waiting
        from zhicheng.web.queues import provides_queue
        from zhicheng.web.tasks import provides_tasks, suggests_next_steps

        finds_left(registers_left)
        warns_of(people_to_come)
        provides_tasks(waiting)
        suggests_next_steps(beginning)
        provides_queue(ToAccept)
        provides_queue(ToEndorse)
        register_kinds()
