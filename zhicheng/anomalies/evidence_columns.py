"""The columns of an evidence's tables: by the kind of object, and by what is unusual about it."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from zhicheng.anomalies.models import AnomalyKind
from zhicheng.approvals import list_columns as of_documents
from zhicheng.audit.models import AuditEvent
from zhicheng.blanks.list_columns import SERIAL
from zhicheng.certificates.list_columns import (
    APPROVED,
    GRADE,
    ISSUED,
    ISSUING,
    MASKED,
    NUMBER,
    SPECIALTY,
    STATE,
    TITLE,
    WORKS_AT,
)
from zhicheng.certificates.unmasking import PURPOSES as OF_CERTIFICATES
from zhicheng.organizations.permissions import Action
from zhicheng.oversight.telling import PAGES, kind_in_words
from zhicheng.oversight.views import label_of
from zhicheng.registers import list_columns as of_registers
from zhicheng.registers.unmasking import PURPOSES as OF_REGISTERS
from zhicheng.web.lists import Column

# Why whole ID numbers were shown, where nobody is asked: a paper or a file holds them.
PURPOSES = {
    **OF_REGISTERS,
    **OF_CERTIFICATES,
    "template": _("下载预填的登记表"),
    "reissue_form": _("打印补办换发申请表"),
}


def _page(event: AuditEvent) -> str:
    return reverse("audit:detail", args=[event.sequence])


def _object(event: AuditEvent) -> str:
    """What the event is about: its name, else its kind and number."""
    called = getattr(event, "called", None)
    if event.data.get("list"):
        return str(event.data["list"])
    if called:
        return f"{kind_in_words(event.subject_type)} {called}"
    if event.subject_type:
        return f"{kind_in_words(event.subject_type)} {event.subject_id or ''}".strip()
    return "—"


def _objects_page(event: AuditEvent) -> str:
    name = PAGES.get(event.subject_type, ("",))[0]
    there = name and getattr(event, "called", None) and event.subject_id
    return reverse(name, args=[event.subject_id]) if there else ""


def _purpose(event: AuditEvent) -> str:
    if event.tag == Action.SEARCH_BY_ID_NUMBER:
        return _t("按号码查找")
    code = event.data.get("purpose")
    return str(PURPOSES.get(code, code)) if code else "—"


def _count(event: AuditEvent) -> int | None:
    """How many numbers or rows: as the event tells, or as many as it names."""
    told, shown = event.data.get("count"), event.data.get("shown")
    if isinstance(told, int):
        return told
    if isinstance(shown, dict):
        return sum(value for value in shown.values() if isinstance(value, int))
    return len(event.row_ids) or (1 if event.subject_id else None)


def _narrowed(event: AuditEvent) -> str:
    told = event.data.get("filters") or {}
    words = [str(value) for value in told.values()] if isinstance(told, dict) else []
    return "、".join([*words, *([_t("用过搜索")] if event.data.get("searched") else [])]) or "—"


def _second(event: AuditEvent) -> str:
    return f"{timezone.localtime(event.occurred_at):%Y-%m-%d %H:%M:%S}"


def _weekday(event: AuditEvent) -> str:
    return date_format(timezone.localtime(event.occurred_at), "l")


# To the second: that many lie within a minute may be what is unusual.
AT = Column(_("时间"), _second, sort="occurred_at", kind="code", link=_page)
WHO = Column(_("操作人"), "actor_name", sort="actor_name")
NAME_TRIED = Column(_("所用用户名"), "actor_name", sort="actor_name")
UNIT = Column(_("机构"), "unit_name", sort="unit_name")
WHAT = Column(_("事项"), label_of, sort="tag")
OBJECT = Column(_("对象"), _object, sort="called", link=_objects_page)
COUNT = Column(_("数量"), _count, sort="data__count", kind="number")
PURPOSE = Column(_("用途"), _purpose, sort="data__purpose")
LIST = Column(_("列表"), _object, sort="data__list", link=_objects_page)
ROWS = Column(_("行数"), _count, sort="data__count", kind="number")
NARROWED = Column(_("筛选条件"), _narrowed)
WEEKDAY = Column(_("星期"), _weekday)
ADDED = Column(_("增列人数"), lambda e: e.data.get("people"), sort="data__people", kind="number")

EVENTS = {
    AnomalyKind.UNMASKING: (AT, WHO, UNIT, WHAT, OBJECT, COUNT, PURPOSE),
    AnomalyKind.MASS_EXPORT: (AT, WHO, UNIT, LIST, ROWS, NARROWED, PURPOSE),
    AnomalyKind.ODD_HOURS: (AT, WEEKDAY, WHO, UNIT, WHAT),
    AnomalyKind.LOGIN_ATTEMPTS: (AT, NAME_TRIED, WHAT),
    AnomalyKind.APPROVAL_CHANGED: (AT, WHO, UNIT, WHAT, OBJECT, ADDED),
}


def _record(row: Any, name: str) -> Any:
    record = getattr(row, "issue_record", None)
    return getattr(record, name) if record else None


def _by_way_of(row: Any) -> str | None:
    agent = _record(row, "agent")
    return agent.relation_words if agent else None


def _issued_by(row: Any) -> str | None:
    officer = _record(row, "issued_by")
    return officer.display_name if officer else None


HOLDER = Column(_("持证人"), "name", sort="name")
FILLED = Column(_("填制时间"), "filled_at", sort="filled_at", kind="time")
TAKEN = Column(
    _("领取时间"),
    lambda row: _record(row, "issued_at"),
    sort="issue_record__issued_at",
    kind="time",
)
TAKEN_BY = Column(
    _("领取人"), lambda row: _record(row, "recipient"), sort="issue_record__recipient"
)
RELATION = Column(_("与持证人关系"), _by_way_of, sort="issue_record__agent__relation")
ISSUED_BY = Column(_("发放人"), _issued_by, sort="issue_record__issued_by__display_name")

CERTIFICATES = {
    AnomalyKind.SAME_RECIPIENT: (
        *(NUMBER, HOLDER, MASKED, WORKS_AT, ISSUING),
        *(TAKEN, TAKEN_BY, RELATION, ISSUED_BY),
    ),
    AnomalyKind.PERSON_MANY: (
        *(NUMBER, HOLDER, MASKED, TITLE, SPECIALTY, GRADE, ISSUING, APPROVED, ISSUED, STATE),
    ),
    AnomalyKind.NUMBER_OUT_OF_LINE: (
        NUMBER,
        HOLDER,
        MASKED,
        GRADE,
        ISSUING,
        APPROVED,
        FILLED,
        STATE,
    ),
}

REGISTERS = (
    of_registers.number("registers:detail"),
    of_registers.REPORTING,
    of_registers.ISSUING,
    of_registers.PEOPLE,
    Column(_("受理时间"), "accepted_at", sort="accepted_at", kind="time"),
    STATE,
)
APPROVALS = (
    of_documents.number("approvals:detail"),
    of_documents.DEPARTMENT,
    of_documents.ISSUED_ON,
    of_documents.PEOPLE,
    of_documents.IMPORTED_AT,
)
BLANKS = (
    SERIAL,
    GRADE,
    Column(_("原因"), "get_reason_display", sort="reason"),
    Column(_("说明"), "note"),
    Column(_("登记表"), "register.number", sort="register__number", kind="code"),
    Column(_("登记时间"), "spoiled_at", sort="spoiled_at", kind="time"),
    Column(_("登记人"), "spoiled_by.display_name", sort="spoiled_by__display_name"),
)


def columns_of(anomaly_kind: str, kind: str) -> Sequence[Column]:
    """The columns for objects of this kind where this is unusual."""
    match kind:
        case "certificate":
            usual = CERTIFICATES[AnomalyKind.NUMBER_OUT_OF_LINE]
            return CERTIFICATES.get(AnomalyKind(anomaly_kind), usual)
        case "register":
            return REGISTERS
        case "approval":
            return APPROVALS
        case "blank":
            return BLANKS
        case _:
            usual = (AT, WHO, UNIT, WHAT, OBJECT)
            return EVENTS.get(AnomalyKind(anomaly_kind), usual)
