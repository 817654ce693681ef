"""Ending an organisation: only when nothing is left to be done there (N3).

The folders that know what may be left stand below this one, and register who finds it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.models import Account, Kind, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import shown


@dataclass(frozen=True)
class Left:
    """What is left to be done at an organisation, and how much of it."""

    what: str
    count: int


Finder = Callable[[Organization], Sequence[Left]]
_finders: list[Finder] = []


def finds_left(finder: Finder) -> Finder:
    """Registers who knows what an organisation still holds or has open; call it from ``ready``."""
    if finder not in _finders:
        _finders.append(finder)
    return finder


def left_at(organization: Organization) -> list[Left]:
    """Everything that stands in the way of ending the organisation; nothing where it may end."""
    supervised = organization.supervised.in_force(timezone.localdate()).count()
    found = [Left(shown("主管的单位"), supervised)]
    for finder in _finders:
        found += finder(organization)
    return [item for item in found if item.count]


@retrying
def close_organization(*, actor: Actor, organization_id: int, last_day: date) -> Organization:
    """Ends an organisation and switches its accounts off, each with its own event.

    Its old certificates and registers keep it. Raises Refusal for the municipal office, one that
    has ended, one's own, a day to come, and naming whatever is left to be done there.
    """
    require(actor, Action.ORGANIZATION_CLOSE)
    with recorded(actor, Action.ORGANIZATION_CLOSE) as record:
        organization = Organization.objects.select_for_update(of=("self",)).get(pk=organization_id)
        _require_closable(actor, organization, last_day)
        organization.valid_to = last_day
        organization.save(update_fields=["valid_to"])
        record(
            subject=organization,
            data={"name": organization.name, "last_day": last_day.isoformat()},
        )
        # The accounts stay locked until the commit, so that none is switched on meanwhile.
        accounts = list(
            organization.accounts.select_for_update(of=("self",)).filter(is_active=True)
        )
        Account.objects.filter(pk__in=[account.pk for account in accounts]).update(is_active=False)
        for account in accounts:
            record(
                tag=Action.ACCOUNT_CHANGE,
                subject=account,
                data={"changes": {"is_active": [True, False]}, "closed": organization.pk},
            )
    return organization


def _require_closable(actor: Actor, organization: Organization, last_day: date) -> None:
    if organization.kind == Kind.MUNICIPAL_OFFICE:
        raise Refusal("organization.office_stays", "市职改办不能停用。", clause="N3")
    if organization.pk == actor.organization_id:
        raise Refusal(
            "organization.own",
            "管理员不能停用自己所属的机构。",
            clause="N18",
            mend="请由其他机构的系统管理员办理。",
        )
    if organization.valid_to is not None:
        raise Refusal(
            "organization.closed",
            "这个机构已经停用。",
            clause="N3",
            found=organization.valid_to.isoformat(),
        )
    today = timezone.localdate()
    if not organization.valid_from <= last_day <= today:
        raise Refusal(
            "organization.last_day",
            "停用日期不能早于启用日期，也不能晚于今天。",
            clause="N3",
            found=last_day.isoformat(),
            expected=f"{organization.valid_from.isoformat()} 至 {today.isoformat()}",
        )
    left = left_at(organization)
    if left:
        raise Refusal(
            "organization.not_empty",
            "这个机构还有没办完的事项，不能停用。",
            clause="N3",
            found="；".join(f"{item.what} {item.count}" for item in left),
            expected="没有保管中的空白证书、在办事项和主管的单位",
            mend="请先办结或移交这些事项，再停用机构。",
        )
