"""Ending an organisation, only when nothing is left to be done there, and taking it back (N3).

The folders that know what may be left stand below this one, and register who finds it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.holding import hold_alone, hold_shared
from zhicheng.organizations.models import Account, Kind, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.organizations.sessions import end_logins
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import shown


@dataclass(frozen=True)
class Left:
    """What is left to be done at an organisation, and how much of it: ``more`` says at least."""

    what: str
    count: int
    more: bool = False


Finder = Callable[[Organization], Sequence[Left]]
_finders: list[Finder] = []
_warners: list[Finder] = []


def finds_left(finder: Finder) -> Finder:
    """Registers who knows what an organisation still holds or has open; call it from ``ready``."""
    if finder not in _finders:
        _finders.append(finder)
    return finder


def warns_of(finder: Finder) -> Finder:
    """Registers who knows what should be thought of before; it stands in no way."""
    if finder not in _warners:
        _warners.append(finder)
    return finder


def left_at(organization: Organization) -> list[Left]:
    """Everything that stands in the way of ending the organisation; nothing where it may end."""
    # Also those that have yet to begin: they would begin below one that has ended.
    standing = organization.supervised.exclude(valid_to__lt=timezone.localdate())
    found = [Left(shown("主管的单位"), standing.count())]
    every = [*found, *(item for finder in _finders for item in finder(organization))]
    return [item for item in every if item.count]


def warnings_at(organization: Organization) -> list[Left]:
    """What to think of before it is ended; asked for the page alone, and counted to a limit."""
    every = [item for finder in _warners for item in finder(organization)]
    # None so far, and not everything looked through, is a warning too.
    return [item for item in every if item.count or item.more]


def is_closable(organization: Organization) -> bool:
    """Whether there is anything to end: it is in force, or accounts of it are still on."""
    if organization.is_municipal_office:
        return False
    return (
        not organization.has_ended(timezone.localdate())
        or organization.accounts.filter(is_active=True).exists()
    )


@retrying
def close_organization(*, actor: Actor, organization_id: int, last_day: date) -> Organization:
    """Ends an organisation and switches its accounts off, each with its own event.

    Its old certificates and registers keep it. The last day lies before today, so that from the
    commit on nothing is begun or handed in there any more: whoever does holds it (``holding``) and
    is refused. What names it and is a draft still is refused when it is handed in. Where an end was
    set already it may be moved. Raises Refusal for the municipal office, one that has ended and has
    no account on, one's own, today or a day to come, and naming whatever is left to be done there.
    """
    require(actor, Action.ORGANIZATION_CLOSE)
    with recorded(actor, Action.ORGANIZATION_CLOSE) as record:
        # Whoever gives it an account or something to do shares this row before, so either that is
        # seen below, or the end of the organisation is seen there.
        organization = hold_alone(organization_id)
        # Not against foreign keys: who names an account and then the organisation waits for us.
        theirs = organization.accounts.select_for_update(of=("self",), no_key=True)
        accounts = list(theirs.order_by("pk"))
        _require_closable(actor, organization, last_day)
        before, organization.valid_to = organization.valid_to, last_day
        organization.save(update_fields=["valid_to"])
        data = {"name": organization.name, "last_day": last_day.isoformat()}
        if before is not None:
            data["before"] = before.isoformat()
        record(subject=organization, data=data)
        active = [account for account in accounts if account.is_active]
        Account.objects.filter(pk__in=[account.pk for account in active]).update(is_active=False)
        for account in active:
            end_logins(account.pk)
            record(
                tag=Action.ACCOUNT_CHANGE,
                subject=account,
                data={"changes": {"is_active": [True, False]}, "closed": organization.pk},
            )
    return organization


@retrying
def reopen_organization(*, actor: Actor, organization_id: int) -> Organization:
    """Takes the end of an organisation back; its accounts stay off and are switched on singly.

    Raises Refusal for one without an end, below a department that has ended, or whose name another
    one bears meanwhile.
    """
    require(actor, Action.ORGANIZATION_REOPEN)
    with recorded(actor, Action.ORGANIZATION_REOPEN) as record:
        organization = hold_alone(organization_id)
        _require_reopenable(organization)
        last_day, organization.valid_to = organization.valid_to, None
        organization.save(update_fields=["valid_to"])
        record(
            subject=organization,
            data={"name": organization.name, "last_day": last_day and last_day.isoformat()},
        )
    return organization


def _require_reopenable(organization: Organization) -> None:
    if organization.valid_to is None:
        raise Refusal("organization.not_closed", "这个机构没有停用。", clause="N3")
    department = organization.supervisor_id
    above = hold_shared(department)[department] if department is not None else None
    if above is not None and above.has_ended(timezone.localdate()):
        raise Refusal(
            "organization.supervisor_closed",
            "主管部门已经停用，不能恢复它主管的单位。",
            clause="N3",
            found=above.name,
            mend="请先恢复主管部门，或改选主管部门。",
        )
    if Organization.objects.filter(name=organization.name, valid_to=None).exists():
        raise Refusal(
            "organization.name_taken",
            "已有同名的机构，不能恢复。",
            clause="N3",
            found=organization.name,
            mend="请先修改其中一个机构的名称。",
        )


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
    if organization.valid_to is not None and not is_closable(organization):
        raise Refusal(
            "organization.closed",
            "这个机构已经停用。",
            clause="N3",
            found=organization.valid_to.isoformat(),
        )
    yesterday = timezone.localdate() - timedelta(days=1)
    if not organization.valid_from <= last_day <= yesterday:
        raise Refusal(
            "organization.last_day",
            "停用日期不能早于启用日期，也不能晚于昨天。",
            clause="N3",
            found=last_day.isoformat(),
            expected=f"{organization.valid_from.isoformat()} 至 {yesterday.isoformat()}",
        )
    left = left_at(organization)
    if left:
        raise Refusal(
            "organization.not_empty",
            "这个机构还有没办完的事项，不能停用。",
            clause="N3",
            found="；".join(f"{item.what}还有 {item.count}" for item in left),
            expected="没有保管中的空白证书、在办事项和主管的单位",
            mend="请先办结或移交这些事项，再停用机构。",
        )
