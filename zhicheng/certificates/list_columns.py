"""Columns that lists of certificates have in common."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhicheng.web.columns import Column

NUMBER = Column(
    _("证书编号"),
    "number",
    sort="number",
    kind="code",
    link=lambda row: reverse("certificates:detail", args=[row.pk]),
)
NAME = Column(_("姓名"), "name", sort="name")
MASKED = Column(_("身份证号码"), "id_number_masked", kind="code")
WORKS_AT = Column(_("工作单位"), "work_unit", sort="work_unit")
TITLE = Column(_("资格名称"), "qualification", sort="qualification")
SPECIALTY = Column(_("专业名称"), "specialty", sort="specialty")
GRADE = Column(_("等级"), "get_grade_display", sort="grade")
ISSUING = Column(_("发放单位"), "issuing_unit.called", sort="issuing_unit__name", kind="code")
APPROVED = Column(_("批准时间"), "approval_date", sort="approval_date", kind="date")
ISSUED = Column(_("发放时间"), "issued_at", sort="issued_at", kind="time")
STATE = Column(_("状态"), "state", sort="state", kind="badge", label="get_state_display")
