"""What names are found by: readings of characters, the keys of each certificate and unit."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhicheng.certificates.models import Certificate
from zhicheng.organizations.models import Organization


class Reading(models.Model):
    """How a character is read, without tones; more than one where names have more.

    The database's ``search_spellings`` makes the keys of a name of it.
    """

    character = models.CharField(_("字"), max_length=1, primary_key=True)
    readings = ArrayField(models.CharField(max_length=8))

    class Meta:
        verbose_name = _("读音")


class HolderKey(models.Model):
    """One way to spell the holder of a certificate, beside whoever may see the certificate.

    ``initials`` is ``zs``, ``spelled`` is ``zhangsan 张三``: both are found by their beginning. A
    name of two readings has two lines. Written by a trigger with the certificate alone; whoever
    may see it never changes, nor does its name.
    """

    certificate = models.ForeignKey(
        Certificate, on_delete=models.CASCADE, db_constraint=False, related_name="+"
    )
    initials = models.CharField(_("首字母"), max_length=100, db_collation="C")
    spelled = models.CharField(_("拼音与姓名"), max_length=800, db_collation="C")
    issuing_unit_id = models.BigIntegerField()
    approving_department_id = models.BigIntegerField()
    reporting_unit_id = models.BigIntegerField(null=True)
    endorser_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("持证人检索")
        indexes: ClassVar = [
            models.Index(
                fields=["initials", "spelled"], include=["certificate"], name="holder_by_initials"
            ),
            models.Index(fields=["spelled"], include=["certificate"], name="holder_by_spelling"),
            models.Index(
                fields=["issuing_unit_id", "initials", "spelled"], name="holder_of_issuing_unit"
            ),
            models.Index(
                fields=["approving_department_id", "initials", "spelled"],
                name="holder_of_department",
            ),
            models.Index(
                fields=["reporting_unit_id", "initials", "spelled"],
                condition=Q(reporting_unit_id__isnull=False),
                name="holder_of_reporting_unit",
            ),
            models.Index(
                fields=["endorser_id", "initials", "spelled"],
                condition=Q(endorser_id__isnull=False),
                name="holder_of_endorser",
            ),
        ]


class RowKey(models.Model):
    """One way to spell whom a row of a register names, while it has no certificate.

    Written by triggers with the row (``expected.sql``); gone when the certificate comes, which is
    found by itself from then on. ``row_id`` is no foreign key: a register that is uploaded anew
    removes its rows in one statement, and so do the triggers here. The units are the register's;
    one that is the issuing unit as well stands there alone.
    """

    row_id = models.BigIntegerField()
    initials = models.CharField(_("首字母"), max_length=100, db_collation="C")
    spelled = models.CharField(_("拼音与姓名"), max_length=800, db_collation="C")
    number = models.CharField(_("证书编号"), max_length=60, db_collation="C")
    issuing_unit_id = models.BigIntegerField()
    reporting_unit_id = models.BigIntegerField(null=True)
    endorser_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("登记人员检索")
        indexes: ClassVar = [
            models.Index(fields=["row_id"], name="expected_row"),
            models.Index(fields=["initials", "spelled"], name="expected_by_initials"),
            models.Index(fields=["number"], name="expected_by_number"),
            models.Index(
                fields=["issuing_unit_id", "initials", "spelled"], name="expected_of_issuing_unit"
            ),
            models.Index(fields=["issuing_unit_id", "number"], name="expected_number_of_issuing"),
            models.Index(
                fields=["reporting_unit_id", "initials", "spelled"],
                condition=Q(reporting_unit_id__isnull=False),
                name="expected_of_reporting_unit",
            ),
            models.Index(
                fields=["reporting_unit_id", "number"],
                condition=Q(reporting_unit_id__isnull=False),
                name="expected_number_of_reporting",
            ),
            models.Index(
                fields=["endorser_id", "initials", "spelled"],
                condition=Q(endorser_id__isnull=False),
                name="expected_of_endorser",
            ),
            models.Index(
                fields=["endorser_id", "number"],
                condition=Q(endorser_id__isnull=False),
                name="expected_number_of_endorser",
            ),
        ]


class PersonKey(models.Model):
    """One way to spell whom an approval document lists, while there is no certificate of it."""

    person_id = models.BigIntegerField()
    initials = models.CharField(_("首字母"), max_length=100, db_collation="C")
    spelled = models.CharField(_("拼音与姓名"), max_length=800, db_collation="C")
    approving_department_id = models.BigIntegerField()

    class Meta:
        verbose_name = _("核准人员检索")
        indexes: ClassVar = [
            models.Index(fields=["person_id"], name="approved_expected"),
            models.Index(fields=["initials", "spelled"], name="approved_by_initials"),
            models.Index(
                fields=["approving_department_id", "initials", "spelled"],
                name="approved_of_department",
            ),
        ]


class UnitKey(models.Model):
    """One way to spell an organisation's name or short name; written by a trigger."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    initials = models.CharField(_("首字母"), max_length=200, db_collation="C")
    spelled = models.CharField(_("拼音与名称"), max_length=1600, db_collation="C")

    class Meta:
        verbose_name = _("机构检索")
