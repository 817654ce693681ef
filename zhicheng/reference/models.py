"""Reference tables, loaded from the CSV files that an office can correct."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    """The five levels of a professional title."""

    SENIOR_FULL = "senior_full", _("正高级")
    SENIOR_DEPUTY = "senior_deputy", _("副高级")
    INTERMEDIATE = "intermediate", _("中级")
    ASSISTANT = "assistant", _("助理级")
    TECHNICIAN = "technician", _("员级")


class Grade(models.TextChoices):
    """The three grades of certificates; the grade decides who embosses (N8)."""

    SENIOR = "senior", _("高级")
    INTERMEDIATE = "intermediate", _("中级")
    JUNIOR = "junior", _("初级")


class Region(models.Model):
    """A district or county with its code and the days on which it existed."""

    code = models.CharField(_("代码"), max_length=6, blank=True)
    name = models.CharField(_("名称"), max_length=40, unique=True)
    kind = models.CharField(_("类别"), max_length=20)
    valid_from = models.DateField(_("启用日期"), null=True, blank=True)
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("区县")
        ordering = ("code", "name")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["code"], condition=~Q(code=""), name="region_code_used_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")),
                name="region_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Series(models.Model):
    """One of the national series (系列)."""

    name = models.CharField(_("系列"), max_length=40, unique=True)

    class Meta:
        verbose_name = _("职称系列")
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name


class Qualification(models.Model):
    """A name of a title in a series, with its level; ``before_reform`` for the older names."""

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="qualifications")
    specialty = models.CharField(_("专业"), max_length=40, blank=True)
    name = models.CharField(_("资格名称"), max_length=40)
    level = models.CharField(_("级别"), max_length=16, choices=Level)
    before_reform = models.BooleanField(_("改革前名称"), default=False)

    class Meta:
        verbose_name = _("资格名称")
        ordering = ("series_id", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["series", "specialty", "name", "level", "before_reform"],
                name="qualification_listed_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name
