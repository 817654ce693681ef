"""Several anomalies set aside at once, with one reason, in one step (N18)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from zhicheng.anomalies import actions, queries
from zhicheng.anomalies.forms import SetAsideForm
from zhicheng.anomalies.models import Anomaly, AnomalyKind
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal
from zhicheng.web.lists import ChoiceFilter, Column
from zhicheng.web.queues import Operation, Outcome, QueuePage, refused


def _name(anomaly: Anomaly) -> tuple[str, str]:
    return str(anomaly.told), anomaly.get_absolute_url()


def _set_aside(
    account: Account, rows: Sequence[Anomaly], values: Mapping[str, Any]
) -> list[Outcome]:
    ids = [row.pk for row in rows]
    try:
        actions.set_aside(actor=account, anomaly_ids=ids, reason=values["reason"])
    except Refusal as refusal:
        return [refused(*_name(row), refusal) for row in rows]
    return [Outcome(*_name(row), "done", _("已排除这条线索。")) for row in rows]


class ToLookInto(QueuePage):
    """Anomalies that nobody has dealt with."""

    key = "anomaly.look_into"
    title = _l("成批排除异常线索")
    purpose = _l(
        "不需要核查的线索，理由相同的可以一并排除；以后又有新的情况，或程度增加一半以上时，会重新列出。"
    )
    clause = "N18"
    action = Action.ANOMALY_SET_ASIDE
    unit = "organization"
    columns: ClassVar = (
        Column(_l("情况"), "told", link=lambda row: row.get_absolute_url()),
        Column(_l("类别"), "get_kind_display", sort="kind"),
        Column(_l("单位"), "organization.name", sort="organization__name"),
        Column(_l("程度"), lambda row: f"{row.weight:g}", sort="weight", kind="number"),
        Column(_l("首次发现"), "since", sort="since", kind="time"),
    )
    operations: ClassVar = (
        Operation(
            "set_aside",
            _l("排除"),
            _l("下列线索将以同一理由排除，不立案核查。"),
            Action.ANOMALY_SET_ASIDE,
            _set_aside,
            form=SetAsideForm,
        ),
    )

    @property
    def filters(self) -> Sequence[ChoiceFilter]:  # type: ignore[override]
        """By unit, by age and by kind."""
        return (*super().filters, ChoiceFilter("kind", _l("类别"), AnomalyKind.choices))

    def named(self, row: Anomaly) -> tuple[str, str]:
        """What is unusual, and its page."""
        return _name(row)

    def get_queryset(self) -> QuerySet[Any]:
        """Those that nobody has dealt with."""
        return queries.not_looked_at().annotate(since=F("first_found_at"))

    def units(self) -> list[dict[str, Any]]:
        """Without what is about no unit."""
        return [item for item in super().units() if item["pk"]]
