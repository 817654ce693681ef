"""Who asked about what: one row for every question, without a name and without an ID number.

The table is partitioned by month (``verification_lookup_y2026m11``), so that forgetting is
dropping a partition. The database refuses to change a row, and to delete one before its time.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.models import Organization

DIGEST_BYTES = 12


class Way(models.TextChoices):
    """By which way somebody asked."""

    PERSON = "person", _("姓名和身份证号码")
    NUMBER = "number", _("证书编号和姓名")
    CODE = "code", _("扫描二维码")
    REPORT = "report", _("查验报告")
    FILE = "file", _("验证电子证书文件")
    BATCH = "batch", _("批量核验")
    INTERFACE = "interface", _("数据接口")
    HOLDER = "holder", _("持证人办理")


class Lookup(models.Model):
    """One question of anybody, and whether it was answered.

    ``found`` holds the numbers of the certificates that the answer showed. The digests are keyed
    and cut to twelve bytes: the same thing asked gives the same digest, and no digest leads back.
    ``address`` is keyed anew every day (:class:`AddressKey`). ``prefix`` is the digest of what
    neighbouring numbers share, so that a run through them is seen.
    """

    at = models.DateTimeField(_("时间"), default=timezone.now)
    way = models.CharField(_("方式"), max_length=10, choices=Way.choices)
    hit = models.BooleanField(_("查到"))
    found = ArrayField(models.CharField(max_length=60), verbose_name=_("证书编号"), default=list)
    person = models.BinaryField(max_length=DIGEST_BYTES, null=True)
    number = models.BinaryField(max_length=DIGEST_BYTES, null=True)
    prefix = models.BinaryField(max_length=DIGEST_BYTES, null=True)
    name = models.BinaryField(max_length=DIGEST_BYTES, null=True)
    address = models.BinaryField(max_length=DIGEST_BYTES, null=True)
    organization = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    client = models.CharField(_("系统"), max_length=100, default="", blank=True)

    class Meta:
        verbose_name = _("查询记录")
        ordering = ("-at", "-id")
        indexes: ClassVar = [
            GinIndex(fields=["found"], name="lookup_by_certificate"),
            BrinIndex(fields=["at"], name="lookup_by_time", pages_per_range=16),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.way}"


class AddressKey(models.Model):
    """The random key of one day's addresses, encrypted; destroyed after a week.

    From then on nobody, whatever keys they hold, learns an address from a lookup.
    """

    day = models.DateField(primary_key=True)
    key_cipher = models.BinaryField()

    class Meta:
        verbose_name = _("来源地址密钥")

    def __str__(self) -> str:
        return f"{self.day}"
