"""Photos of holders: each kept for ever, the newest that isn't removed counts (N8).

Which ones count for whom, ``queries`` says.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhicheng.files.models import StoredFile
from zhicheng.registers.models import Register


class Photo(models.Model):
    """A portrait of one inch; whose it is, the blind index of the ID number says.

    ``register`` is the one on whose page it was uploaded. A photo is never replaced: a newer one
    counts in its place; it can be removed, with a reason, and stays on record.
    """

    id_number_index = models.BinaryField(max_length=32)
    id_number_masked = models.CharField(_("身份证号码"), max_length=60)
    name = models.CharField(_("姓名"), max_length=100)
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="photo")
    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("上传时间"), auto_now_add=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    removed_at = models.DateTimeField(_("移除时间"), null=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    removal_reason = models.CharField(_("移除原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("照片")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(removed_at=None, removed_by=None, removal_reason="")
                | Q(removed_at__isnull=False, removed_by__isnull=False) & ~Q(removal_reason=""),
                name="photo_is_removed_by_somebody_with_a_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id_number_index", "-id"],
                condition=Q(removed_at=None),
                name="photo_that_counts",
            ),
            models.Index(fields=["register"], name="photo_by_register"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"
