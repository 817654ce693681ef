from django.apps import AppConfig


class ElectronicConfig(AppConfig):
    name = "zhicheng.electronic"
    label = "electronic"
    verbose_name = "电子证书"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hears of imports, works in the worker, tells what waits, proves with the others."""
        from zhicheng.approvals.imported import hears_of_imports
        from zhicheng.certificates.reconcile import proves_further
        from zhicheng.electronic.background import after_import, register_kinds
        from zhicheng.electronic.reconcile import check_electronic
        from zhicheng.electronic.waiting import electronic_waiting
        from zhicheng.web.tasks import provides_tasks

        register_kinds()
        hears_of_imports(after_import)
        proves_further(check_electronic)
        provides_tasks(electronic_waiting)
