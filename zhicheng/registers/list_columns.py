"""Columns that every list of registers has, and what a register is called beside others."""

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.models import Organization
from zhicheng.registers.models import Register
from zhicheng.web.columns import Column

REPORTING = Column(_("填报单位"), "reporting_unit.name", sort="reporting_unit__name")
ISSUING = Column(_("发放单位"), "issuing_unit.name", sort="issuing_unit__name")
PEOPLE = Column(_("人数"), "row_count", sort="row_count", kind="number")
NUMBER_TITLE = _("登记表编号")


def number(page: str, title: str | Promise = NUMBER_TITLE) -> Column:
    """The register's number, which leads to this page of it."""
    return Column(
        title,
        "number",
        sort="number",
        kind="code",
        link=lambda row: reverse(page, args=[row.pk]),
    )


def named(register: Register, unit: Organization, page: str) -> tuple[str, str]:
    """Number and unit of one among several, and the address of this page of it."""
    return f"{register.number} {unit.called}", reverse(page, args=[register.pk])
