"""When the municipal store counts as too low: a dated setting per grade."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhicheng.reference.models import Grade


class ReorderPolicy(models.Model):
    """补库警戒线: the weeks that the store has to last, and the blanks it has to hold at least.

    Rows are only added; of several for one day the last counts.
    """

    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    valid_from = models.DateField(_("生效日期"))
    weeks = models.PositiveSmallIntegerField(_("至少够用（周）"))
    stock = models.PositiveIntegerField(_("至少库存（本）"))
    set_at = models.DateTimeField(_("设定时间"), default=timezone.now)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("补库警戒线")
        ordering = ("-valid_from", "-pk")
