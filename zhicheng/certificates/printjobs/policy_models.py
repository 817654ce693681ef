"""Whether a certificate has to be printed here before it is sealed: a dated setting (N8)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhicheng.registers.models import Register


class PrintPolicy(models.Model):
    """From ``valid_from`` on, whether 公章 waits for a confirmed print; before any: it doesn't.

    Rows are only added; of several for one day the last counts.
    """

    valid_from = models.DateField(_("生效日期"))
    required = models.BooleanField(_("先打印确认，后加盖公章"))
    set_at = models.DateTimeField(_("设定时间"), default=timezone.now)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("打印确认规定")
        ordering = ("-valid_from", "-pk")


class FilledOtherwise(models.Model):
    """The unit says that a register's certificates are filled in by other means, and why."""

    register = models.OneToOneField(
        Register, null=True, on_delete=models.PROTECT, related_name="filled_otherwise"
    )
    reissue = models.BigIntegerField(_("补办换发"), null=True, unique=True)
    reason = models.CharField(_("说明"), max_length=200)
    stated_at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    stated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("其他方式填制")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(register__isnull=False, reissue=None)
                | Q(register=None, reissue__isnull=False),
                name="statement_is_of_a_register_or_reissue",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="statement_says_why"),
        ]
