from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "zhicheng.certificates"
    label = "certificates"
    verbose_name = "证书"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tells the first page what waits here."""
        from zhicheng.certificates.waiting import certificates_waiting
        from zhicheng.web.tasks import provides_tasks

        provides_tasks(certificates_waiting)
