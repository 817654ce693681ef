"""What an account has seen of the tour: a preference of its own, like the language."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Tour(models.Model):
    """How far an account is. Steps are ticked from what it has done since ``started_at``.

    What was ticked once stays in ``ticked``, so that nothing is asked twice.
    """

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("账号"),
        on_delete=models.PROTECT,
        related_name="tour",
        primary_key=True,
    )
    started_at = models.DateTimeField(_("开始"), default=timezone.now)
    dismissed_at = models.DateTimeField(_("收起"), null=True, blank=True)
    ticked = ArrayField(models.CharField(max_length=40), verbose_name=_("已完成"), default=list)

    class Meta:
        verbose_name = _("新手引导")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(dismissed_at=None)
                | models.Q(dismissed_at__gte=models.F("started_at")),
                name="tour_is_dismissed_after_it_started",
            ),
        ]
