"""The register's own part of the audit chain, told in words (N18)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from zhicheng.audit.models import AuditEvent
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import ACTION_LABELS
from zhicheng.registers.labels import finding_label
from zhicheng.registers.models import Register
from zhicheng.registers.unmasking import PURPOSES

_LABELS = {action.value: label for action, label in ACTION_LABELS.items()}


@dataclass(frozen=True)
class Entry:
    """One event as a person reads it."""

    at: datetime
    label: str
    who: str
    organization: str
    details: Sequence[str]


def events(register: Register) -> QuerySet[AuditEvent]:
    """Everything that was recorded about the register, newest first."""
    return (
        AuditEvent.objects.filter(subject_type=Register._meta.label_lower, subject_id=register.pk)
        .defer("row_digests")
        .order_by("-sequence")
    )


def told(found: Iterable[AuditEvent]) -> list[Entry]:
    """The events in words, with the names of the organisations in one statement."""
    found = list(found)
    names = dict(
        Organization.objects.filter(
            pk__in={event.organization_id for event in found if event.organization_id}
        ).values_list("pk", "name")
    )
    return [
        Entry(
            event.occurred_at,
            _LABELS.get(event.tag, event.tag),
            event.actor_name,
            names.get(event.organization_id or 0, ""),
            _details(event),
        )
        for event in found
    ]


def _details(event: AuditEvent) -> list[str]:
    data = event.data
    details = []
    for key, text in _TOLD:
        value = data.get(key)
        if isinstance(value, str | int) and value not in ("", 0) and not isinstance(value, bool):
            details.append(text % {"value": value})
    if data.get("code"):
        details.append(finding_label(data["code"]))
    if data.get("how") in _HOW:
        details.append(str(_HOW[data["how"]]))
    changes = data.get("changes")
    if isinstance(changes, dict):
        details += [_change(title, sides) for title, sides in changes.items()]
    for row in data.get("removed_rows", [])[:20]:
        details.append(_("删除第 %(value)s 行") % {"value": f"{row['removed']} {row['name']}"})
    if data.get("removed"):
        details.append(_("删除第 %(value)s 行") % {"value": data["removed"]})
    if data.get("added"):
        details.append(_("加入 %(names)s") % {"names": "、".join(data["added"][:20])})
    if "agrees" in data:
        details.append(_("纸质与数据一致") if data["agrees"] else _("纸质与数据不一致"))
    if data.get("purpose"):
        details.append(
            _("用途：%(value)s") % {"value": PURPOSES.get(data["purpose"], data["purpose"])}
        )
    return details


_HOW = {
    "paste": _l("粘贴"),
    "fill": _l("向下填充"),
    "clear": _l("清除内容"),
    "accept": _l("采用建议的值"),
    "undo": _l("撤销"),
    "redo": _l("恢复"),
}
_TOLD = (
    ("file", _l("文件 %(value)s")),
    ("rows", _l("%(value)s 人")),
    ("errors", _l("错误 %(value)s 处")),
    ("warnings", _l("提示 %(value)s 处")),
    ("title_unit", _l("表头的填报单位 %(value)s")),
    ("title_department", _l("表头的主管部门 %(value)s")),
    ("title_year", _l("表头的年度 %(value)s")),
    ("row", _l("Excel 第 %(value)s 行")),
    ("count", _l("%(value)s 处")),
    ("mended", _l("更正 %(value)s 处检查结果")),
    ("overwritten", _l("文件带回 %(value)s 处旧内容")),
    ("kept", _l("保留网页上的内容 %(value)s 处")),
    ("taken", _l("采用文件的内容 %(value)s 处")),
    ("to", _l("送 %(value)s")),
    ("reason", _l("原因：%(value)s")),
    ("page", _l("第 %(value)s 页")),
    ("name", _l("%(value)s")),
)


def _change(title: str, sides: object) -> str:
    before, after = sides if isinstance(sides, list) and len(sides) == 2 else ("", "")
    return _("%(column)s：%(before)s → %(after)s") % {
        "column": title,
        "before": before or _("（空）"),
        "after": after or _("（空）"),
    }
