"""One table of files; which object a file belongs to, that object's own table says."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ContentType(models.TextChoices):
    """What may be handed in; judged by content, never by name."""

    PDF = "application/pdf", "PDF"
    JPEG = "image/jpeg", "JPEG"
    PNG = "image/png", "PNG"


class StoredFile(models.Model):
    """A file as it was kept: encrypted bytes under a random name, never changed.

    ``sha256`` is of the bytes that were handed in, ``kept_sha256`` of those that are kept: images
    are made anew from their pixels, so that nothing hides in them. Write through ``files.store``.
    """

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("文件名"), max_length=200)
    content_type = models.CharField(_("格式"), max_length=40, choices=ContentType)
    size = models.PositiveIntegerField(_("大小"))
    sha256 = models.CharField("SHA-256", max_length=64)
    kept_sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    stored_at = models.DateTimeField(_("上传时间"), auto_now_add=True)
    stored_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("佐证材料")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$", kept_sha256__regex=r"^[0-9a-f]{64}$"),
                name="stored_file_has_its_digest",
            ),
            models.CheckConstraint(
                condition=Q(content_type__in=ContentType.values),
                name="stored_file_is_of_known_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.name
