"""Old ledgers, registrations and conflicts on the first page of whoever has to do something."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from zhicheng.historic.models import Ledger, LedgerState, Registration, RegistrationState
from zhicheng.organizations.guard import might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.verification.conflicts import open_conflicts
from zhicheng.web.deadlines import first_due
from zhicheng.web.tasks import TaskGroup


def historic_waiting(account: Account) -> list[TaskGroup]:
    """The task groups; empty ones are left out by the page."""
    groups = []
    registrations = reverse("historic:registrations")
    if might(account, Action.HISTORIC_CHECK) and not account.organization.is_municipal_office:
        mine = Registration.objects.filter(
            unit=account.organization_id, state=RegistrationState.SUBMITTED
        )
        groups.append(
            _registrations(
                _("待核对的历史证书登记"), mine, registrations, "submitted", "historic.check"
            )
        )
    if might(account, Action.HISTORIC_ACCEPT):
        for state, title, kind in (
            (RegistrationState.CHECKED, _("待审核的历史证书登记"), "historic.accept"),
            (RegistrationState.ACCEPTED, _("待生成电子证书的历史证书"), "historic.certify"),
        ):
            found = Registration.objects.filter(state=state)
            groups.append(_registrations(title, found, registrations, state.value, kind))
    if might(account, Action.LEGACY_IMPORT):
        ledgers = Ledger.objects.filter(state=LedgerState.CHECKED)
        groups.append(
            _group(
                _("待导入的历史台账"),
                ledgers,
                reverse("historic:ledgers") + "?state=checked",
                lambda item: f"{item.number} {item.title}",
                "uploaded_at",
                "ledger.import",
            )
        )
    if might(account, Action.SOURCE_CONFLICT_DECIDE):
        groups.append(
            _group(
                _("待认定的来源冲突"),
                open_conflicts(),
                reverse("historic:conflicts"),
                lambda item: item.number,
                "found_at",
                "conflict.decide",
                address=lambda item: reverse("historic:conflict", args=[item.pk]),
            )
        )
    return groups


def _registrations(title: str, found: QuerySet[Any], url: str, state: str, kind: str) -> TaskGroup:
    return _group(
        title,
        found,
        f"{url}?state={state}",
        lambda item: f"{item.receipt_number} {item.name} {item.certificate_number}",
        "waiting_since",
        kind,
    )


def _group(
    title: str,
    found: QuerySet[Any],
    url: str,
    words: Any,
    since: str,
    kind: str,
    address: Any = None,
) -> TaskGroup:
    oldest = first_due(found.order_by(since, "pk"), since, kind)
    return TaskGroup(
        title=title,
        count=found.count() if oldest else 0,
        url=url,
        oldest=getattr(oldest[0], since) if oldest else None,
        items=tuple(
            (
                words(item),
                address(item) if address else item.get_absolute_url(),
                getattr(item, since),
            )
            for item in oldest
        ),
        clause="N7",
        order=55,
        kind=kind,
    )
