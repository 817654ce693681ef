"""Columns that every list of approval documents has."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhicheng.web.columns import Column

DEPARTMENT = Column(_("核准部门"), "approving_department.name", sort="approving_department__name")
ISSUED_ON = Column(_("发文日期"), "issued_on", sort="issued_on", kind="date")
PEOPLE = Column(_("人数"), "people_count", sort="people_count", kind="number")
IMPORTED_AT = Column(_("导入时间"), "imported_at", sort="imported_at", kind="time")


def number(page: str) -> Column:
    """The document's number, which leads to this page of it."""
    return Column(
        _("批准文号"),
        "number",
        sort="number",
        kind="code",
        link=lambda row: reverse(page, args=[row.pk]),
    )
