"""How long each kind of task may wait, as dated settings; days that are moved (N18)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TaskDeadline(models.Model):
    """办理时限 of a kind of task in working days: in force from its day until the next one's.

    Rows are only added; of several for one day the last counts. The database refuses to change or
    remove one, and one that would begin in the past.
    """

    kind = models.CharField(_("事项"), max_length=40)
    valid_from = models.DateField(_("生效日期"))
    days = models.PositiveSmallIntegerField(_("工作日"))
    set_at = models.DateTimeField(_("设定时间"), default=timezone.now)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("办理时限")
        ordering = ("kind", "-valid_from")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=250), name="task_deadline_is_a_working_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.days}"


class MovedDay(models.Model):
    """A weekday on which nobody works, or a weekend on which people do (放假、调休).

    Past ones stay as they are: by them was judged who was late.
    """

    day = models.DateField(_("日期"), unique=True)
    works = models.BooleanField(_("上班"))
    note = models.CharField(_("说明"), max_length=40, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("节假日和调休")
        ordering = ("day",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(works=True, day__iso_week_day__gte=6)
                | Q(works=False, day__iso_week_day__lte=5),
                name="moved_day_differs_from_its_weekday",
            ),
        ]

    def __str__(self) -> str:
        return str(self.day)
