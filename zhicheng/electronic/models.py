"""Signed files of electronic certificates, and what keeps one from being made (N17, inv. 3)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson
from zhicheng.certificates.models import Certificate
from zhicheng.files.models import StoredFile


class ElectronicFile(models.Model):
    """The one signed file on which an electronic certificate lies; never changed.

    ``data_cipher`` holds, encrypted, everything from which ``template_version`` makes the unsigned
    file again, byte by byte; that file is the first ``unsigned_size`` bytes of the signed one.
    ``maker`` names the typesetter and fonts that made it. ``signer`` is the SHA-256 fingerprint of
    the certificate that signed, ``credential_key`` the key of the QR code's credential.
    """

    certificate = models.OneToOneField(
        Certificate, on_delete=models.PROTECT, related_name="electronic_file"
    )
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    template_version = models.PositiveSmallIntegerField(_("模板版本"))
    maker = models.CharField(max_length=120)
    data_cipher = models.BinaryField()
    unsigned_size = models.PositiveIntegerField()
    unsigned_sha256 = models.CharField(max_length=64)
    signed_sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    level = models.CharField(_("签名级别"), max_length=20)
    signer = models.CharField(_("签名证书指纹"), max_length=64)
    signer_name = models.CharField(_("签名证书"), max_length=200)
    is_test = models.BooleanField(_("测试签名"))
    credential_key = models.CharField(max_length=16)
    signed_at = models.DateTimeField(_("签发时间"))

    class Meta:
        verbose_name = _("电子证书文件")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    unsigned_sha256__regex=r"^[0-9a-f]{64}$",
                    signed_sha256__regex=r"^[0-9a-f]{64}$",
                    signer__regex=r"^[0-9a-f]{64}$",
                ),
                name="electronic_file_has_its_digests",
            ),
        ]

    def __str__(self) -> str:
        return self.signed_sha256[:16]


class Hindrance(models.Model):
    """Why a person of an online document, or a whole one, has no electronic certificate yet.

    A note of the last attempt: gone with the next one that succeeds. ``person`` null: the whole
    document. The texts are a refusal's, without ID numbers.
    """

    document = models.ForeignKey(ApprovalDocument, on_delete=models.PROTECT, related_name="+")
    person = models.OneToOneField(
        ApprovedPerson, null=True, on_delete=models.PROTECT, related_name="+"
    )
    rule = models.CharField(max_length=60)
    message = models.CharField(_("原因"), max_length=300)
    found = models.CharField(_("现为"), max_length=200, blank=True)
    expected = models.CharField(_("应为"), max_length=200, blank=True)
    mend = models.CharField(_("办法"), max_length=300, blank=True)
    noted_at = models.DateTimeField(_("时间"), auto_now_add=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("未能制作的原因")
        ordering = ("document_id", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["document"],
                condition=Q(person=None),
                name="document_is_hindered_by_one_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.rule
