"""What an evidence names, as tables: each object is looked up where it stands, none is kept here.

One statement for each kind of object, however many there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Case, CharField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Concat
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from zhicheng.anomalies.detectors.asking import EARLIER, SHOWN
from zhicheng.anomalies.evidence_columns import columns_of
from zhicheng.anomalies.models import Anomaly, AnomalyKind
from zhicheng.approvals.models import ApprovalDocument
from zhicheng.audit.models import AuditEvent
from zhicheng.blanks.models import Spoilage
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.models_issue import IssueAgent
from zhicheng.organizations.models import Organization
from zhicheng.registers.models import Register
from zhicheng.web.lists import Column

LABELS: Mapping[str, Promise] = {
    "certificate": _("证书"),
    "register": _("登记表"),
    "approval": _("核准文件"),
    "blank": _("废旧空白证书"),
    "event": _("审计记录"),
}
# What the object of an event is called: its field, and another that helps to know it.
_CALLED = {
    "certificates.certificate": ("number", "name"),
    "certificates.issueagent": ("name", ""),
    "registers.register": ("number", ""),
    "approvals.approvaldocument": ("number", ""),
    "reissues.reissue": ("receipt_number", ""),
    "selfissued.selfissuedcertificate": ("number", ""),
    "organizations.account": ("username", "display_name"),
    "organizations.organization": ("name", ""),
}


@dataclass(frozen=True)
class Group:
    """The objects of one kind that an evidence names; ``cut`` when there may have been more."""

    kind: str
    ids: Sequence[int]
    columns: Sequence[Column]
    rows: QuerySet[Any]
    order: Sequence[str]

    @property
    def label(self) -> Promise:
        """What kind of object."""
        return LABELS[self.kind]

    @property
    def cut(self) -> bool:
        """Whether an evidence names no more than so many."""
        return len(self.ids) in (EARLIER, SHOWN)


def groups(anomaly: Anomaly) -> list[Group]:
    """The tables of an anomaly's evidence, in its order; nothing is asked for yet."""
    named: dict[str, list[int]] = {}
    for kind, key, _label in anomaly.evidence.get("objects", ()):
        if kind in LABELS:
            named.setdefault(kind, []).append(int(key))
    return [_group(anomaly.kind, kind, ids) for kind, ids in named.items()]


def title_of(anomaly: Anomaly, kind: str) -> Promise:
    """What a table is called where it stands alone: 一人代领多本 · 证书."""
    return format_lazy("{} · {}", AnomalyKind(anomaly.kind).label, LABELS[kind])


def period_of(anomaly: Anomaly) -> str:
    """The days over which a unit's spoilage was counted, ``from—to``; empty elsewhere."""
    objects = anomaly.evidence.get("objects", ())
    return next((str(label) for kind, _key, label in objects if kind == "rates"), "")


def person_of(anomaly: Anomaly) -> str:
    """Whom it is about where that is no account: the names on file with the masked number.

    One number under several names is told with all of them.
    """
    if anomaly.kind not in (AnomalyKind.SAME_RECIPIENT, AnomalyKind.PERSON_MANY):
        return ""
    try:
        index = bytes.fromhex(anomaly.key)
    except ValueError:
        return ""
    rows: QuerySet[Any] = (
        IssueAgent.objects.all()
        if anomaly.kind == AnomalyKind.SAME_RECIPIENT
        else Certificate.objects.all()
    )
    found = rows.filter(id_number_index=index).order_by("name")
    names = dict(found.values_list("name", "id_number_masked").distinct())
    if not names:
        return ""
    told = {"names": "、".join(names), "masked": next(iter(names.values()))}
    return _t("%(names)s（%(masked)s）") % told


def _group(anomaly_kind: str, kind: str, ids: Sequence[int]) -> Group:
    rows: QuerySet[Any]
    order: tuple[str, ...]
    match kind:
        case "certificate":
            rows = Certificate.objects.filter(pk__in=ids).select_related(
                "issuing_unit", "issue_record__agent", "issue_record__issued_by"
            )
            order = ("number",)
            if anomaly_kind == AnomalyKind.SAME_RECIPIENT:
                order = ("-issue_record__issued_at", "number")
        case "register":
            related = ("reporting_unit", "issuing_unit")
            rows = Register.objects.filter(pk__in=ids).select_related(*related).defer("source")
            order = ("number",)
        case "approval":
            documents = ApprovalDocument.objects.filter(pk__in=ids).defer("scan")
            rows, order = documents.select_related("approving_department"), ("number",)
        case "blank":
            spoiled = Spoilage.objects.filter(serial__in=ids)
            rows = spoiled.select_related("register", "spoiled_by")
            order = ("-spoiled_at", "serial")
        case _:
            rows = _events(ids)
            largest = anomaly_kind == AnomalyKind.MASS_EXPORT
            order = ("-data__count", "-sequence") if largest else ("-sequence",)
    return Group(kind, ids, columns_of(anomaly_kind, kind), rows, order)


def _events(ids: Sequence[int]) -> QuerySet[AuditEvent]:
    """The events, each with its unit's name and what its object is called today."""
    unit = Organization.objects.filter(pk=OuterRef("organization_id")).values("name")
    return (
        AuditEvent.objects.filter(sequence__in=ids)
        .defer("row_digests")
        .annotate(
            unit_name=Subquery(unit[:1]),
            called=Case(
                *(_called(kind, *names) for kind, names in _CALLED.items()),
                output_field=CharField(),
            ),
        )
    )


def _called(kind: str, name: str, more: str) -> When:
    words = (
        Concat(name, Value(" "), more, output_field=CharField())
        if more
        else Cast(name, CharField())
    )
    model: Any = apps.get_model(kind)
    rows = model._default_manager.filter(pk=OuterRef("subject_id")).annotate(_words=words)
    return When(subject_type=kind, then=Subquery(rows.order_by().values("_words")[:1]))
