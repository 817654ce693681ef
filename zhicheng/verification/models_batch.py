"""What employers verified in batches: who, when, what for, how many; never whom."""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Relation


class BatchWay(models.TextChoices):
    """How the rows came."""

    UPLOAD = "upload", _("上传名单")
    INTERFACE = "interface", _("数据接口")


class BatchPurpose(models.TextChoices):
    """What certificates may be verified for: stated with every batch (个人信息保护法)."""

    RECRUITING = "recruiting", _("招聘录用")
    APPOINTMENT = "appointment", _("岗位聘任")
    TENDER = "tender", _("招标投标资格审查")
    LICENSING = "licensing", _("资质、许可审查")
    OTHER = "other", _("其他")


class BatchVerification(models.Model):
    """One batch that was answered. Its questions are lookups of this moment (way 'batch').

    ``work`` is the piece of work whose product the answers are, for a day.
    """

    number = models.CharField(_("核验编号"), max_length=20, unique=True)
    organization = models.ForeignKey(
        Organization, verbose_name=_("单位"), on_delete=models.PROTECT, related_name="+"
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("经办人"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    client = models.CharField(_("系统"), max_length=100, blank=True)
    way = models.CharField(_("方式"), max_length=10, choices=BatchWay)
    purpose = models.CharField(_("用途"), max_length=12, choices=BatchPurpose)
    purpose_note = models.CharField(_("用途说明"), max_length=100, blank=True)
    row_count = models.PositiveIntegerField(_("行数"))
    found_count = models.PositiveIntegerField(_("查到"))
    source_name = models.CharField(_("文件"), max_length=200, blank=True)
    asked_at = models.DateTimeField(_("核验时间"), default=timezone.now)
    work = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("批量核验")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(row_count__gte=1, row_count__lte=5000), name="batch_has_so_many_rows"
            ),
            models.CheckConstraint(
                condition=Q(found_count__lte=F("row_count")), name="batch_finds_no_more_than_asked"
            ),
            models.CheckConstraint(
                condition=~Q(purpose=BatchPurpose.OTHER) | ~Q(purpose_note=""),
                name="batch_states_its_purpose",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization", "-asked_at"], name="batch_of_organization"),
        ]

    def __str__(self) -> str:
        return self.number

    def parties(self) -> Mapping[Relation, set[int]]:
        """The employer that asked."""
        return {Relation.EMPLOYING: {self.organization_id}}
