"""What an event tells, in words: the kind of object with its page, and the data with labels."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _

from zhicheng.organizations.guard import might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.oversight.labels import DATA_LABELS
from zhicheng.web.saying import say

SHOWN = 200  # of a long list
_DIGEST = re.compile(r"[0-9a-f]{32,}")

# Objects that have a page: its name, and who may read such objects.
PAGES: Mapping[str, tuple[str, Action]] = {
    "approvals.approvaldocument": ("approvals:detail", Action.APPROVAL_VIEW),
    "approvals.reviewrecord": ("approvals:record", Action.APPROVAL_VIEW),
    "registers.register": ("registers:detail", Action.REGISTER_VIEW),
    "certificates.certificate": ("certificates:detail", Action.CERTIFICATE_VIEW),
    "certificates.printjob": ("certificates:print_job", Action.PRINT_JOB_VIEW),
    "certificates.transferslip": ("certificates:transfer", Action.TRANSFER_VIEW),
    "blanks.blankcase": ("blanks:case", Action.CASE_VIEW),
    "blanks.movement": ("blanks:movement", Action.BLANK_VIEW),
    "blanks.printorder": ("blanks:order", Action.BLANK_VIEW),
    "blanks.stocktake": ("blanks:stocktake", Action.STOCKTAKE_VIEW),
    "reissues.reissue": ("reissues:application", Action.REISSUE_VIEW),
    "selfissued.report": ("selfissued:report", Action.SELF_ISSUED_VIEW),
    "selfissued.selfissuedcertificate": ("selfissued:certificate", Action.SELF_ISSUED_VIEW),
    "historic.ledger": ("historic:ledger", Action.LEDGER_VIEW),
    "historic.registration": ("historic:registration", Action.HISTORIC_VIEW),
    "verification.sourceconflict": ("historic:conflict", Action.SOURCE_CONFLICT_VIEW),
    "anomalies.anomaly": ("anomalies:detail", Action.ANOMALY_VIEW),
    "anomalies.inquiry": ("anomalies:inquiry", Action.INQUIRY_VIEW),
    "layouts.layoutversion": ("layouts:version", Action.LAYOUT_VIEW),
    "layouts.printer": ("layouts:printer", Action.PRINTER_VIEW),
    "organizations.organization": ("organizations:detail", Action.ORGANIZATION_VIEW),
    "organizations.account": ("organizations:account", Action.ACCOUNT_VIEW),
}


@dataclass(frozen=True)
class Line:
    """One thing that an event tells: ``digest`` when it is a fingerprint, shown as code."""

    label: str
    text: str
    digest: bool = False


@dataclass(frozen=True)
class Thing:
    """One object: its number, and the address of its page, if the reader has one."""

    pk: int
    url: str


def _model(kind: str) -> type[Model] | None:
    try:
        return apps.get_model(kind)
    except (LookupError, ValueError):
        return None


def kind_in_words(kind: str) -> str:
    """What kind of object it is, for people; the recorded word where no such kind exists."""
    model = _model(kind)
    return str(model._meta.verbose_name) if model else kind


def things(kind: str, ids: Sequence[int], reader: Account) -> list[Thing]:
    """The objects, with links to those that are still there and that the reader may read."""
    name, action = PAGES.get(kind, ("", None))
    model = _model(kind)
    there: set[int] = set()
    if model and action is not None and might(reader, action):
        there = set(model._default_manager.filter(pk__in=ids).values_list("pk", flat=True))
    return [Thing(pk, reverse(name, args=[pk]) if pk in there else "") for pk in ids]


def lines(data: Mapping[str, Any], above: str = "") -> Iterator[Line]:
    """The event's data: words for the keys, one line each for what is inside others."""
    for key, value in data.items():
        label = say(DATA_LABELS.get(key, key))
        yield from _lines(f"{above} · {label}" if above else label, value)


def _lines(label: str, value: Any) -> Iterator[Line]:
    if isinstance(value, Mapping) and value:
        yield from lines(value, label)
    elif isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value):
        for number, item in enumerate(value[:SHOWN], 1):
            if isinstance(item, list) and not any(
                isinstance(each, Mapping | list) for each in item
            ):
                yield Line(f"{label} {number}", "–".join(_text(each) for each in item))
            else:
                yield from _lines(f"{label} {number}", item)
        if len(value) > SHOWN:
            yield Line(label, "…")
    elif isinstance(value, list):
        more = ["…"] if len(value) > SHOWN else []
        yield Line(label, "、".join([_text(item) for item in value[:SHOWN]] + more) or "—")
    else:
        yield Line(label, _text(value), isinstance(value, str) and bool(_DIGEST.fullmatch(value)))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return say(value) if value not in (None, "", {}) else "—"
