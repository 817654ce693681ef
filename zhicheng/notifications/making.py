"""Makes notifications from the audit chain: exactly once, and nobody waits for it.

Events enter the chain in the order of their numbers and are committed in it, so a position says
what was looked at: position and notifications move in one transaction, whoever is killed leaves
both or neither. An action itself writes nothing here and is no slower for it. An event of which
none can be made holds up no other: it is noted and tried again (``SkippedEvent``).
"""

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from zhicheng.audit.models import AuditEvent
from zhicheng.notifications.kinds import ALWAYS_SHOWN, TABLE, TOLD_TO_THE_DOER, Side, Telling
from zhicheng.notifications.messengers import spread
from zhicheng.notifications.models import (
    Notification,
    NotificationHead,
    Preference,
    SkippedEvent,
)
from zhicheng.notifications.subjects import Known, listed_in, subjects_of
from zhicheng.organizations.models import Account, Kind, Organization
from zhicheng.organizations.permissions import Action, Relation, Role, permits
from zhicheng.organizations.sessions import LOCKED
from zhicheng.proofs.models import Subject
from zhicheng.work.models import Work, WorkState

logger = logging.getLogger(__name__)

TOGETHER = 500
TRIES, TRY_AGAIN = 24, timedelta(hours=1)  # of an event that broke: a day of the hours
_OF_AN_EVENT = (
    "sequence",
    "occurred_at",
    "tag",
    "actor_id",
    "actor_name",
    "subject_type",
    "subject_id",
)
_ACCOUNT = Account._meta.label_lower
LOOKED_WAITED = timedelta(seconds=15)  # who waited less has seen the bar reach its end
PROOFS_SINCE = timedelta(days=2)


@dataclass(frozen=True)
class Told:
    """One sentence about one thing to one account."""

    account: int
    organization: int
    source: str
    telling: Telling
    what: str
    url: str
    at: Any


def make() -> int:
    """Everything that happened since the last time; gives how many were told."""
    told = 0
    while True:
        count, more = make_some()
        told += count
        if not more:
            return told + make_of_skipped() + make_of_proofs()


@transaction.atomic
def make_some(together: int = TOGETHER) -> tuple[int, bool]:
    """The next events of the chain; somebody else who is at it goes on alone."""
    NotificationHead.objects.get_or_create(only=True)
    head = NotificationHead.objects.select_for_update(skip_locked=True).first()
    if head is None:
        return 0, False
    events = list(
        AuditEvent.objects.filter(sequence__gt=head.position)
        .order_by("sequence")
        .only(*_OF_AN_EVENT)[:together]
    )
    if not events:
        return 0, False
    told = _keep_all([event for event in events if event.tag in TABLE])
    head.position = events[-1].sequence
    head.save(update_fields=["position"])
    return told, len(events) == together


def _keep_all(events: list[AuditEvent]) -> int:
    """Together; where one breaks it, in halves, until the one stands alone and is noted."""
    if not events:
        return 0
    try:
        with transaction.atomic():
            told = list(_tell(events))
            keep(told)
            return len(told)
    except (OperationalError, InterfaceError):
        raise  # the database is away or broke a deadlock: no event's fault
    except Exception as error:  # noqa: BLE001 - whatever one event does, the others are told
        if len(events) == 1:
            _skip(events[0], error)
            return 0
    middle = len(events) // 2
    return _keep_all(events[:middle]) + _keep_all(events[middle:])


def _skip(event: AuditEvent, error: Exception) -> None:
    """Notes it, by its number and the kind of fault: the fault's words may hold anything."""
    fault = type(error).__name__[:60]
    logger.error("no notification can be made of audit event %s: %s", event.sequence, fault)
    again = timezone.now() + TRY_AGAIN
    row, new = SkippedEvent.objects.get_or_create(
        sequence=event.sequence,
        defaults={"tag": event.tag, "fault": fault, "next_attempt_at": again},
    )
    if not new:
        row.attempts, row.fault = row.attempts + 1, fault
        row.next_attempt_at = again if row.attempts < TRIES else None
        row.save(update_fields=["attempts", "fault", "next_attempt_at"])


@transaction.atomic
def make_of_skipped(together: int = TOGETHER) -> int:
    """What could not be told is tried again every hour of a day: a new release may mend it."""
    rows = list(
        SkippedEvent.objects.select_for_update(skip_locked=True)
        .filter(next_attempt_at__lte=timezone.now())
        .order_by("sequence")[:together]
    )
    told = 0
    for row in rows:
        event = AuditEvent.objects.only(*_OF_AN_EVENT).get(pk=row.sequence)
        told += _keep_all([event] if event.tag in TABLE else [])
        SkippedEvent.objects.filter(pk=row.pk, attempts=row.attempts).delete()
    return told


def _tell(events: list[AuditEvent]) -> Iterable[Told]:
    known = subjects_of(events)
    office = (
        Organization.objects.filter(kind=Kind.MUNICIPAL_OFFICE, valid_to=None)
        .values_list("pk", flat=True)
        .first()
    )
    selves = {event.subject_id for event in events if event.subject_type == _ACCOUNT}
    listed = listed_in(events)
    people = _people(_organizations(known, office).union(*listed.values()), selves)
    names = _locked_names(events)
    said = _said_of(events)
    for event in events:
        subject = known.get((event.subject_type, event.subject_id or 0))
        if subject is not None and event.sequence in listed:
            subject = replace(subject, parties={Relation.REPORTING: listed[event.sequence]})
        if event.tag == LOCKED and event.actor_name not in names:
            continue
        told = set() if event.tag in TOLD_TO_THE_DOER else {event.actor_id or 0}
        for telling in TABLE[event.tag]:
            if telling.when is not None and not telling.when(said.get(event.sequence, {})):
                continue
            for account in _hearers(telling, event, subject, office, people):
                if account.pk in told:
                    continue
                told.add(account.pk)
                yield Told(
                    account.pk,
                    account.organization_id,
                    f"audit:{event.sequence}",
                    telling,
                    subject.what if subject else event.actor_name if event.tag == LOCKED else "",
                    subject.url if subject else _where(event, telling),
                    event.occurred_at,
                )


def _organizations(known: Mapping[tuple[str, int], Known], office: int | None) -> set[int]:
    found = {office or 0}
    for subject in known.values():
        for organizations in subject.parties.values():
            found |= organizations
    return found


def _people(organizations: set[int], selves: Collection[int | None] = ()) -> list[Account]:
    """Those who can log in: an interface's account has no password."""
    return list(
        Account.objects.filter(
            Q(organization__in=organizations)
            | Q(role__in=["auditor", "administrator"])
            | Q(pk__in=[pk for pk in selves if pk is not None]),
            is_active=True,
        )
        .exclude(password__startswith="!")  # noqa: S106 - no password: the mark of there being none
        .only("organization_id", "role")
    )


def _hearers(
    telling: Telling,
    event: AuditEvent,
    subject: Known | None,
    office: int | None,
    people: list[Account],
) -> list[Account]:
    if telling.side is Side.SELF:
        return [account for account in people if account.pk == event.subject_id]
    if telling.side is Side.NEXT:
        return _signers(subject.next, people) if subject is not None and subject.next else []
    wanted: set[int] | None = set()
    if telling.side is Relation.ANY:
        wanted = None
    elif telling.side is Relation.MUNICIPAL:
        wanted = {office or 0}
    elif telling.side is Side.FIRST:
        wanted = {(subject.first if subject else None) or office or 0}
    elif isinstance(telling.side, Relation) and subject is not None:
        wanted = set(subject.parties.get(telling.side, set()))
    return [
        account
        for account in people
        if account.role in telling.roles and (wanted is None or account.organization_id in wanted)
    ]


def _signers(turn: tuple[Relation, int], people: list[Account]) -> list[Account]:
    """Those of the organisation who may sign in this relation."""
    relation, organization = turn
    return [
        account
        for account in people
        if account.organization_id == organization
        and permits(Action.REISSUE_OPINE, Role(account.role), frozenset({relation}))
    ]


def _said_of(events: list[AuditEvent]) -> dict[int, dict[str, Any]]:
    """The data of those events on which it depends whether they are told at all."""
    asked = [e.sequence for e in events if any(telling.when for telling in TABLE[e.tag])]
    if not asked:
        return {}
    rows = AuditEvent.objects.filter(sequence__in=asked).order_by()
    return dict(rows.values_list("sequence", "data"))


def _locked_names(events: list[AuditEvent]) -> set[str]:
    """User names among what was typed at the login: people type anything there."""
    typed = [event.actor_name for event in events if event.tag == LOCKED]
    return set(Account.objects.filter(username__in=typed).values_list("username", flat=True))


def _where(event: AuditEvent, telling: Telling) -> str:
    pages = {
        "locked": "organizations:accounts",
        "account_new": "web:password",
        "password": "web:password",
        **dict.fromkeys(
            ("factor_on", "factor_codes", "factor_off", "factor_taken", "recovery_used"),
            "web:second_factor",
        ),
        "logins_ended": "web:logins",
        "enumeration": "verification:alarms",
        "enumeration_auditor": "verification:alarms",
        "anomalies": "anomalies:list",
    }
    return reverse(pages.get(telling.name, "web:tasks"))


def keep(told: list[Told]) -> None:
    """Writes them, as each account wants it, and hands them to the messengers."""
    if not told:
        return
    hidden = dict(
        Preference.objects.filter(account__in={item.account for item in told}).values_list(
            "account", "hidden"
        )
    )
    Notification.objects.bulk_create(
        (
            Notification(
                account_id=item.account,
                source=item.source,
                kind=item.telling.name,
                group=item.telling.group.value,
                what=item.what[:160],
                url=item.url,
                shown=item.telling.group in ALWAYS_SHOWN
                or item.telling.group.value not in hidden.get(item.account, ()),
                created_at=item.at,
            )
            for item in told
        ),
        ignore_conflicts=True,
        batch_size=2000,
    )
    spread([(item.organization, item.telling.group, item.source) for item in told])


# Each proof that failed lately: since which run without a pass, for how many whole days by then,
# and a digest of what kinds of fault, how many of each (their words hold numbers that move on).
_FAILED = """
    SELECT failed.subject, failed.finished_at, began.id,
        floor(extract(epoch FROM failed.finished_at - began.finished_at) / 86400)::int,
        (SELECT coalesce(left(md5(string_agg(kind, ',' ORDER BY kind)), 12), '')
            FROM jsonb_to_recordset(failed.report -> 'faults') AS fault (kind text))
    FROM proofs_proof AS failed
    CROSS JOIN LATERAL (
        SELECT id, finished_at FROM proofs_proof AS first
        WHERE NOT first.passed AND first.subject = failed.subject
            AND first.started_at <= failed.started_at AND first.started_at > coalesce((
                SELECT max(started_at) FROM proofs_proof AS well
                WHERE well.passed AND well.subject = failed.subject
                    AND well.started_at < failed.started_at), '-infinity')
        ORDER BY first.started_at, first.id LIMIT 1
    ) AS began
    WHERE NOT failed.passed AND failed.finished_at > %s
    ORDER BY failed.started_at, failed.id
"""


def make_of_proofs() -> int:
    """Proofs that fail: told to auditors and administrators when it begins or changes.

    While it stays as it is, once more each day.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FAILED, [timezone.now() - PROOFS_SINCE])
        failed = {
            f"proof:{began}:{days}:{faults}": (str(Subject(subject).label), at)
            for subject, at, began, days, faults in reversed(cursor.fetchall())
        }
    if not failed:
        return 0
    (telling,) = TABLE["proof"]
    known = set(
        Notification.objects.filter(source__in=list(failed))
        .order_by()
        .values_list("account", "source")
    )
    people = _people(set())
    told = [
        Told(
            account.pk,
            account.organization_id,
            source,
            telling,
            what,
            reverse("audit:system"),
            at,
        )
        for source, (what, at) in reversed(failed.items())
        for account in people
        if (account.pk, source) not in known
    ]
    with transaction.atomic():
        keep(told)
    return len(told)


def note_work(work: Work) -> None:
    """Work that ended: told to whoever asked, unless it was so quick that they saw it end."""
    done, refused = TABLE["work"]
    good = work.state == WorkState.DONE
    if good and timezone.now() - work.asked_at < LOOKED_WAITED:
        return
    keep(
        [
            Told(
                work.account_id,
                work.account.organization_id,
                f"work:{work.pk}",
                done if good else refused,
                work.kind,
                work.get_absolute_url(),
                timezone.now(),
            )
        ]
    )
