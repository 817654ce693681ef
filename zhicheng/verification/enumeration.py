"""Notices in the lookups that somebody goes through persons or numbers, and raises alarms.

Digests can't be compared by order, so a run through consecutive numbers is seen by what the
numbers share: many different ones under one prefix, most of them in vain. One statement for each
kind; run again over the same lookups it changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.audit.recording import recorded, retrying
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Conflict
from zhicheng.values.text import hide_id_numbers
from zhicheng.verification.models import AlarmKind, EnumerationAlarm

WINDOW = timedelta(hours=1)
SURGE_WINDOW = timedelta(minutes=10)
SURGE_BEFORE = timedelta(days=1)


@dataclass(frozen=True)
class Thresholds:
    """From when on something is an alarm; an hour's counts, a surge's of ten minutes."""

    persons_of_address: int = 30
    misses_of_address: int = 20
    addresses_of_subject: int = 20
    misses_of_subject: int = 10
    few_addresses_of_subject: int = 5
    persons_of_run: int = 15
    misses_of_run: int = 12
    misses_of_surge: int = 100
    surge_factor: int = 5


# Of these ways a miss says that somebody tried; a batch of an employer's own staff doesn't.
_TRIED = "l.way IN ('person', 'number', 'report', 'holder', 'interface')"
_PERSON = "coalesce(l.person, l.number)"
_KINDS = {
    AlarmKind.ADDRESS: (
        "l.address",
        """count(DISTINCT coalesce(r.person, r.number)) >= %(persons_of_address)s
           AND count(*) FILTER (WHERE NOT r.hit) >= %(misses_of_address)s""",
    ),
    AlarmKind.SUBJECT: (
        _PERSON,
        """count(DISTINCT r.address) >= %(addresses_of_subject)s
           OR count(DISTINCT r.address) >= %(few_addresses_of_subject)s
              AND count(*) FILTER (WHERE NOT r.hit) >= %(misses_of_subject)s""",
    ),
    AlarmKind.RUN: (
        "l.prefix",
        """count(DISTINCT coalesce(r.person, r.number)) >= %(persons_of_run)s
           AND count(*) FILTER (WHERE NOT r.hit) >= %(misses_of_run)s""",
    ),
    AlarmKind.SURGE: (
        "%(everything)s::bytea",
        """count(*) FILTER (WHERE NOT r.hit) >= %(misses_of_surge)s
           AND count(*) FILTER (WHERE NOT r.hit) >= %(surge_factor)s * (
               SELECT count(*) FILTER (WHERE NOT b.hit) * %(share)s::float
               FROM verification_lookup b
               WHERE b.at > %(before)s AND b.at <= %(since)s)""",
    ),
}
_RAISE = """
WITH recent AS (
    SELECT l.at, l.way, l.hit, l.person, l.number, l.address, {subject} AS subject
    FROM verification_lookup l
    WHERE l.at > %(since)s AND l.at <= %(now)s AND {tried} AND {subject} IS NOT NULL
      AND NOT EXISTS (SELECT FROM verification_enumerationalarm a
                      WHERE a.kind = %(kind)s AND a.subject = {subject}
                        AND a.acknowledged_at IS NOT NULL AND a.last_at >= l.at)
), noticed AS (
    SELECT r.subject, min(r.at) AS first_at, max(r.at) AS last_at, count(*) AS questions,
           count(*) FILTER (WHERE NOT r.hit) AS misses,
           count(DISTINCT coalesce(r.person, r.number)) AS persons,
           count(DISTINCT r.address) AS addresses
    FROM recent r GROUP BY r.subject HAVING {having}
), evident AS (
    SELECT w.subject, jsonb_object_agg(w.way, w.questions) AS ways
    FROM (SELECT r.subject, r.way, count(*) AS questions
          FROM recent r JOIN noticed USING (subject) GROUP BY 1, 2) AS w GROUP BY 1
), timed AS (
    SELECT t.subject,
           jsonb_agg(jsonb_build_array(t.began, t.questions, t.misses) ORDER BY t.began) AS times
    FROM (SELECT r.subject, date_bin('5 minutes', r.at, 'epoch') AS began, count(*) AS questions,
                 count(*) FILTER (WHERE NOT r.hit) AS misses
          FROM recent r JOIN noticed USING (subject) GROUP BY 1, 2) AS t GROUP BY 1
)
INSERT INTO verification_enumerationalarm AS alarm
    (kind, subject, first_at, last_at, questions, misses, persons, addresses, evidence, raised_at,
     note)
SELECT %(kind)s, n.subject, n.first_at, n.last_at, n.questions, n.misses, n.persons, n.addresses,
       jsonb_build_object('ways', e.ways, 'times', t.times), %(now)s, ''
FROM noticed n JOIN evident e USING (subject) JOIN timed t USING (subject)
ORDER BY n.subject
ON CONFLICT (kind, subject) WHERE acknowledged_at IS NULL DO UPDATE SET
    first_at = least(alarm.first_at, EXCLUDED.first_at),
    last_at = greatest(alarm.last_at, EXCLUDED.last_at),
    questions = greatest(alarm.questions, EXCLUDED.questions),
    misses = greatest(alarm.misses, EXCLUDED.misses),
    persons = greatest(alarm.persons, EXCLUDED.persons),
    addresses = greatest(alarm.addresses, EXCLUDED.addresses),
    evidence = CASE WHEN EXCLUDED.questions >= alarm.questions THEN EXCLUDED.evidence
                    ELSE alarm.evidence END
RETURNING id, xmax = 0
"""


def raise_alarms(
    *, actor: Actor, now: datetime | None = None, thresholds: Thresholds | None = None
) -> list[int]:
    """Raises what is new and lets open alarms grow; gives the ids of the new ones."""
    require(actor, Action.ENUMERATION_RAISE)
    now = now or timezone.now()
    with transaction.atomic():
        new = [pk for kind in AlarmKind for pk in _raise(kind, now, thresholds or Thresholds())]
        if new:
            with recorded(actor, Action.ENUMERATION_RAISE) as record:
                record(data={"count": len(new)}, rows=EnumerationAlarm._meta.label_lower, ids=new)
    return new


def _raise(kind: AlarmKind, now: datetime, thresholds: Thresholds) -> Sequence[int]:
    subject, having = _KINDS[kind]
    window = SURGE_WINDOW if kind is AlarmKind.SURGE else WINDOW
    given: dict[str, Any] = {
        **vars(thresholds),
        "kind": kind.value,
        "now": now,
        "since": now - window,
        "before": now - window - SURGE_BEFORE,
        "share": SURGE_WINDOW / SURGE_BEFORE,
        "everything": b"\0" * 12,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RAISE.format(subject=subject, having=having, tried=_TRIED), given)
        return [pk for pk, new in cursor.fetchall() if new]


@retrying
def acknowledge(*, actor: Account, alarm_id: int, note: str) -> EnumerationAlarm:
    """Somebody has looked into it and says what it was."""
    require(actor, Action.ENUMERATION_ACKNOWLEDGE)
    with recorded(actor, Action.ENUMERATION_ACKNOWLEDGE) as record:
        alarm = EnumerationAlarm.objects.select_for_update().get(pk=alarm_id)
        if alarm.acknowledged_at is not None:
            raise Conflict(
                "enumeration.acknowledged",
                _("这条预警已经确认过。"),
                found=alarm.note,
                mend=_("请刷新页面查看处理说明。"),
            )
        alarm.acknowledged_at, alarm.acknowledged_by = timezone.now(), actor
        alarm.note = hide_id_numbers(note.strip())[:500]
        alarm.save(update_fields=["acknowledged_at", "acknowledged_by", "note"])
        record(subject=alarm, data={"kind": alarm.kind, "note": alarm.note})
    return alarm


def open_alarms() -> "QuerySet[EnumerationAlarm]":
    """What nobody has acknowledged yet, oldest first."""
    return EnumerationAlarm.objects.filter(acknowledged_at=None).order_by("raised_at", "id")
