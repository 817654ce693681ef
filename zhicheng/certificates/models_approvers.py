"""Which departments approved somebody of a register's certificates."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.models import Organization
from zhicheng.registers.models import Register


class RegisterApprover(models.Model):
    """A department that approved certificates of a register; the certificates' trigger adds it.

    Neither a certificate's register nor its department ever changes, so rows are only added. With
    it a department's registers are found without looking through each register's certificates.
    """

    department = models.ForeignKey(
        Organization,
        verbose_name=_("核准部门"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    register = models.ForeignKey(
        Register,
        verbose_name=_("登记表"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )

    class Meta:
        verbose_name = _("登记表的核准部门")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["department", "register"], name="department_stands_once_with_a_register"
            ),
        ]
