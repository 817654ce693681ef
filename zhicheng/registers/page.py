"""What every part of a register's page shows: facts, steps, tabs, buttons."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account, Kind, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.registers import queries, title
from zhicheng.registers.grid import Summary, summary
from zhicheng.registers.journey import journey
from zhicheng.registers.models import Register, RegisterState
from zhicheng.registers.offers import can_edit, can_number, can_replace, offers, what_now
from zhicheng.registers.paper import PaperState, paper_state
from zhicheng.registers.settling import undecided
from zhicheng.registers.unmasking import PURPOSES


def account_of(request: HttpRequest) -> Account:
    """Whoever is logged in; the middleware lets nobody else through."""
    assert isinstance(request.user, Account)
    return request.user


def register_or_404(request: HttpRequest, pk: int) -> Register:
    """The register if the account may see it; to everybody else it doesn't exist."""
    found = (
        queries.visible(account_of(request))
        .select_related("reporting_unit", "endorser", "issuing_unit", "returned_by__organization")
        .defer("source")
    )
    return get_object_or_404(found, pk=pk)


def office_name() -> str:
    """The municipal office's name, as steps and messages call it."""
    name = Organization.objects.filter(kind=Kind.MUNICIPAL_OFFICE, valid_to=None).values_list(
        "short_name", "name"
    )
    found = name.first()
    return (found[0] or found[1]) if found else str(Kind.MUNICIPAL_OFFICE.label)


def page_context(request: HttpRequest, register: Register, tab: str) -> dict[str, Any]:
    """The context of ``registers/page.html``; ``tab`` is the key of the part shown."""
    account = account_of(request)
    office = office_name()
    counted = summary(register)
    due = offers(account, register, office)
    path = journey(register, office)
    editing = can_edit(account, register)
    return {
        "register": register,
        "summary": counted,
        "journey": path,
        "offers": due,
        "now": path.now or what_now(register, office, due),
        "tab": tab,
        "tabs": _tabs(register, counted),
        "editable": editing,
        "paper_state": _paper_state(account, register),
        "title_differs": title.of_register(register)
        if register.state != RegisterState.ACCEPTED
        else [],
        "undecided": undecided(register) if editing else None,
        "may_replace": can_replace(account, register),
        "may_number": can_number(account, register),
        "may_print": may(account, Action.REGISTER_PRINT, register),
        "may_export": may(account, Action.LIST_EXPORT, register),
        "may_unmask": may(account, Action.PERSON_UNMASK, register),
        "purposes": [
            (key, label)
            for key, label in PURPOSES.items()
            if key not in ("correct", "file", "source")
        ],
    }


def _paper_state(account: Account, register: Register) -> PaperState | None:
    """What the office has to know of the paper before it accepts; a warning, no bar (N4)."""
    if register.state != RegisterState.FILED or not may(account, Action.PAPER_CHECK, register):
        return None
    return paper_state(register)


def _tabs(register: Register, counted: Summary) -> list[dict[str, Any]]:
    def tab(key: str, label: str, count: int | None = None, tone: str = "") -> dict[str, Any]:
        url = reverse(f"registers:{key}", args=[register.pk])
        return {"key": key, "label": label, "url": url, "count": count, "tone": tone}

    faults = counted.errors + counted.warnings
    tone = "error" if counted.errors else "warning" if counted.warnings else ""
    return [
        tab("detail", _("人员名单"), register.row_count),
        tab("findings", _("检查结果"), faults, tone),
        tab("missing", _("漏报人员"), counted.missing, "warning" if counted.missing else ""),
        tab("paper", _("纸质登记表")),
        tab("versions", _("版本")),
        tab("history", _("办理记录")),
    ]
