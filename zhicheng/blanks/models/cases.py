"""Cases: what doesn't add up is looked into to an outcome, never corrected in silence (N18)."""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhicheng.files.models import StoredFile
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Relation
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register


class CaseKind(models.TextChoices):
    """What happened."""

    LOSS = "loss", _("空白证书遗失")
    SHORT_DELIVERY = "short_delivery", _("到货短缺")
    RECEIPT_DIFFERENCE = "receipt_difference", _("移交差异")
    STOCK_SHORTAGE = "stock_shortage", _("盘点短缺")
    STOCK_SURPLUS = "stock_surplus", _("盘点溢出")
    SIGHTING = "sighting", _("失控证书出现")


class CaseOutcome(models.TextChoices):
    """How it ended."""

    FOUND = "found", _("已找回")
    WRITTEN_OFF = "written_off", _("确认遗失，编号作废")
    MADE_GOOD = "made_good", _("印刷单位补足")
    COUNTED_WRONG = "counted_wrong", _("清点有误")
    EXPLAINED = "explained", _("已查明，无须处理")
    PARTLY_FOUND = "partly_found", _("部分找回，其余编号作废")


class BlankCase(models.Model):
    """An investigation about blanks; ``holder`` is whoever answers for them.

    ``serials`` are ranges as people write them. The blanks themselves stand in the ledger.
    """

    number = models.CharField(_("案卷编号"), max_length=24, unique=True)
    kind = models.CharField(_("类别"), max_length=20, choices=CaseKind)
    # Empty only where a serial was never printed, so that it has no grade.
    grade = models.CharField(_("等级"), max_length=12, choices=Grade, blank=True)
    serials = models.JSONField(_("编号"), default=list)
    count = models.PositiveIntegerField(_("数量"))
    holder = models.ForeignKey(
        Organization, verbose_name=_("责任单位"), on_delete=models.PROTECT, related_name="+"
    )
    register = models.ForeignKey(Register, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(_("情况说明"), max_length=500)
    opened_at = models.DateTimeField(_("立案时间"), auto_now_add=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.CharField(_("结果"), max_length=20, choices=CaseOutcome, blank=True)
    conclusion = models.CharField(_("结论"), max_length=500, blank=True)
    closed_at = models.DateTimeField(_("结案时间"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("案卷")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(outcome="", conclusion="", closed_at=None, closed_by=None)
                | Q(closed_at__isnull=False) & ~Q(outcome="") & ~Q(conclusion=""),
                name="closed_case_says_its_outcome",
            ),
            models.CheckConstraint(
                condition=Q(closed_by=None) | Q(opened_by=None) | ~Q(closed_by=F("opened_by")),
                name="case_is_closed_by_a_second_person",
            ),
            models.CheckConstraint(condition=~Q(note=""), name="case_says_what_happened"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["holder", "-id"], name="case_by_holder"),
            models.Index(fields=["-id"], condition=Q(outcome=""), name="case_still_open"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        """Whether it is still looked into."""
        return not self.outcome

    def parties(self) -> Mapping[Relation, set[int]]:
        """Whoever answers for the blanks, as their issuing unit."""
        return {Relation.ISSUING: {self.holder_id}}


class CaseEntry(models.Model):
    """A step of the investigation; never changed (trigger ``case_entry_is_never_changed``)."""

    case = models.ForeignKey(BlankCase, on_delete=models.PROTECT, related_name="entries")
    text = models.CharField(_("经过"), max_length=500)
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("时间"), auto_now_add=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("调查记录")
        ordering = ("id",)
