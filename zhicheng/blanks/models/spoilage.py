"""Spoiled blanks, their exchange and their destruction (N9)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhicheng.files.models import StoredFile
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register


class SpoilReason(models.TextChoices):
    """Why a blank became a spoiled one."""

    MISPRINT = "misprint", _("打印错误")
    DAMAGED = "damaged", _("破损污损")
    SEAL_FAULT = "seal_fault", _("印章加盖有误")
    WITHDRAWN = "withdrawn", _("补办换发终止")
    OTHER = "other", _("其他")


class Spoilage(models.Model):
    """A spoiled blank (废旧证书), why, and which spare took its place (N9)."""

    serial = models.BigIntegerField(_("空白证书编号"), unique=True)
    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    register = models.ForeignKey(
        Register, null=True, on_delete=models.PROTECT, related_name="spoilages"
    )
    reissue = models.BigIntegerField(_("补办换发"), null=True)
    certificate_number = models.CharField(_("证书编号"), max_length=60, blank=True)
    reason = models.CharField(_("原因"), max_length=12, choices=SpoilReason)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    replaced_by = models.BigIntegerField(_("替换编号"), null=True)
    needs_blank = models.BooleanField(_("待换取"), default=False)
    spoiled_at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    spoiled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    exchange = models.ForeignKey(
        "Exchange", null=True, on_delete=models.PROTECT, related_name="spoilages"
    )
    photo = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("废旧证书")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(replaced_by=None) | Q(needs_blank=False, exchange=None),
                name="spoiled_blank_is_replaced_once",
            ),
            models.CheckConstraint(
                condition=Q(exchange=None) | Q(needs_blank=True),
                name="exchange_only_where_a_blank_is_needed",
            ),
            models.CheckConstraint(
                condition=Q(register__isnull=False, reissue=None)
                | Q(register=None, reissue__isnull=False),
                name="spoiled_blank_was_for_a_register_or_reissue",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["register"],
                condition=Q(needs_blank=True, exchange=None),
                name="spoilage_that_needs_a_blank",
            ),
            models.Index(
                fields=["reissue"],
                condition=Q(reissue__isnull=False),
                name="spoilage_by_reissue",
            ),
        ]


class Exchange(models.Model):
    """Spoiled blanks brought to the municipal office for as many new ones (N9)."""

    register = models.ForeignKey(
        Register, null=True, on_delete=models.PROTECT, related_name="exchanges"
    )
    reissue = models.BigIntegerField(_("补办换发"), null=True)
    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    spoiled = models.JSONField(_("交回编号"), default=list)
    given = models.JSONField(_("换取编号"), default=list)
    count = models.PositiveIntegerField(_("数量"))
    exchanged_at = models.DateTimeField(_("时间"), auto_now_add=True)
    exchanged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("换取")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(register__isnull=False, reissue=None)
                | Q(register=None, reissue__isnull=False),
                name="exchange_is_for_a_register_or_reissue",
            ),
        ]


class ExchangeRequest(models.Model):
    """换取申请: a unit without spares lists the spoiled serials that it will bring (N9)."""

    number = models.CharField(_("申请单编号"), max_length=24, unique=True)
    register = models.ForeignKey(
        Register, on_delete=models.PROTECT, related_name="exchange_requests"
    )
    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    serials = models.JSONField(_("废旧证书编号"), default=list)
    count = models.PositiveIntegerField(_("数量"))
    requested_at = models.DateTimeField(_("申请时间"), auto_now_add=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(_("办结时间"), null=True)

    class Meta:
        verbose_name = _("换取申请")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["register", "grade"],
                condition=Q(closed_at=None),
                name="one_open_exchange_request_per_register_and_grade",
            ),
            models.CheckConstraint(
                condition=Q(count__gte=1), name="exchange_request_names_serials"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Destruction(models.Model):
    """Returned spoiled blanks destroyed by two people (N9, N18)."""

    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    serials = models.JSONField(_("编号区间"), default=list)
    count = models.PositiveIntegerField(_("数量"))
    proposed_at = models.DateTimeField(_("提请时间"), auto_now_add=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("销毁时间"), null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    # Some of its blanks were lost, or their return was corrected, before the second person came.
    lapsed_at = models.DateTimeField(_("失效时间"), null=True)

    class Meta:
        verbose_name = _("销毁记录")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")),
                name="destruction_is_confirmed_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(lapsed_at=None) | Q(confirmed_by=None, confirmed_at=None),
                name="lapsed_destruction_is_never_confirmed",
            ),
        ]

    @property
    def number(self) -> str:
        """How people name the record."""
        return f"XH{timezone.localdate(self.proposed_at).year}-{self.pk:05d}"
