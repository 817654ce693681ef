from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "zhicheng.certificates"
    label = "certificates"
    verbose_name = "证书"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tells the first page what waits here, and the register's page how far it has come."""
        from zhicheng.blanks.losses import carries_certificates_on
        from zhicheng.certificates.closing import certificates_left
        from zhicheng.certificates.journey import later_steps
        from zhicheng.certificates.losses import carry_on
        from zhicheng.certificates.printjobs.background import register_kinds
        from zhicheng.certificates.printjobs.queries import printed_with
        from zhicheng.certificates.used_numbers import numbers_on_certificates
        from zhicheng.certificates.waiting import certificates_waiting
        from zhicheng.layouts.hooks import counts_prints
        from zhicheng.organizations.closing import finds_left
        from zhicheng.registers.journey import tells_later_steps
        from zhicheng.registers.numbering.used import tells_used_numbers
        from zhicheng.web.tasks import provides_tasks

        finds_left(certificates_left)
        register_kinds()
        counts_prints(printed_with)
        provides_tasks(certificates_waiting)
        tells_later_steps(later_steps)
        tells_used_numbers(numbers_on_certificates)
        carries_certificates_on(carry_on)
