"""What the printer was asked for and what was counted in (N1)."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhicheng.reference.models import Grade


class PrintOrder(models.Model):
    """An order at the printer's: which serials of which grade shall come (N1).

    How far it is, the ledger says: what was counted in has left the printer's custody.
    """

    number = models.CharField(_("印制单编号"), max_length=24, unique=True)
    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    serials = BigIntegerRangeField(_("编号区间"))
    quantity = models.PositiveIntegerField(_("数量"))
    printer = models.CharField(_("印刷单位"), max_length=100, blank=True)
    ordered_on = models.DateField(_("下单日期"))
    # 印制年度: the edition of the pre-printed blank; what the order says of it, if anything.
    edition = models.PositiveSmallIntegerField(_("印制年度"), null=True)
    note = models.CharField(_("备注"), max_length=200, blank=True)
    ordered_at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    cancelled_at = models.DateTimeField(_("撤销时间"), null=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("印制单")
        ordering = ("-id",)
        constraints: ClassVar = [
            ExclusionConstraint(
                name="serial_is_ordered_once",
                expressions=[("serials", RangeOperators.OVERLAPS)],
                condition=Q(cancelled_at=None),
            ),
            models.CheckConstraint(
                condition=Q(serials__isempty=False, serials__startswith__gte=1),
                name="print_order_has_serials",
            ),
            models.CheckConstraint(
                condition=Q(edition=None) | Q(edition__gte=1980, edition__lte=2100),
                name="print_order_edition_is_a_year",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Delivery(models.Model):
    """What was counted in of an order at one time: good, damaged and missing serials (N1)."""

    order = models.ForeignKey(PrintOrder, on_delete=models.PROTECT, related_name="deliveries")
    delivered_on = models.DateField(_("到货日期"))
    good = models.JSONField(_("入库编号"), default=list)
    damaged = models.JSONField(_("损坏编号"), default=list)
    missing = models.JSONField(_("缺少编号"), default=list)
    good_count = models.PositiveIntegerField(_("入库"))
    damaged_count = models.PositiveIntegerField(_("损坏"))
    missing_count = models.PositiveIntegerField(_("缺少"))
    note = models.CharField(_("备注"), max_length=200, blank=True)
    case = models.ForeignKey(
        "BlankCase", null=True, on_delete=models.PROTECT, related_name="deliveries"
    )
    counted_at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("到货清点")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(good_count__gt=0) | Q(damaged_count__gt=0) | Q(missing_count__gt=0),
                name="delivery_names_serials",
            ),
            models.CheckConstraint(
                condition=Q(missing_count=0) | Q(case__isnull=False),
                name="short_delivery_opens_a_case",
            ),
        ]
