"""Answers a batch: the public query's own answer for every row, in a fixed number of statements.

Every row is recorded as a lookup in the employer's name, found or not, so that the holder sees who
looked; alarms are raised as for a question of the public.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.blanks import alarms
from zhicheng.bulk import new_ids
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.protection import blind_index
from zhicheng.reissues.actions_old import seen_in_public
from zhicheng.reissues.models import SightingChannel
from zhicheng.values.progress import report
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers
from zhicheng.verification import queries
from zhicheng.verification.batch.rules import AskedRow, check_count, check_day
from zhicheng.verification.lookups import Question, record_lookups
from zhicheng.verification.models import BatchPurpose, BatchVerification, BatchWay, Way
from zhicheng.verification.rules import GONE, Record, fitting

LOOKING, RECORDING, WRITING = "查询", "登记查询记录", "生成结果"
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class AnsweredRow:
    """A question with its answer: no record is every kind of miss alike."""

    asked: AskedRow
    records: Sequence[Record]


@dataclass(frozen=True)
class Answered:
    """A whole batch."""

    batch: BatchVerification
    rows: Sequence[AnsweredRow]


def answer_rows(rows: Sequence[AskedRow]) -> list[AnsweredRow]:
    """The answers in the order of the questions; as many statements for one row as for all."""
    keys = {row.id_number: blind_index(row.id_number) for row in rows if row.id_number}
    # Whoever gives both is asked by the number, as the public query does.
    by_person: dict[bytes, list[Record]] = {}
    for record in queries.of_people({keys[row.id_number] for row in rows if not row.number}):
        by_person.setdefault(record.person, []).append(record)
    by_number: dict[str, list[Record]] = {}
    for record in queries.of_numbers({row.number for row in rows if row.number}):
        by_number.setdefault(record.number, []).append(record)
    answered = []
    for row in rows:
        if row.number:
            person = keys[row.id_number] if row.id_number else None
            found = fitting(by_number.get(row.number, ()), row.name, person)
        else:
            found = fitting(by_person.get(keys[row.id_number], ()), row.name)
        answered.append(AnsweredRow(row, found))
    return answered


def rows_today(organization_id: int) -> int:
    """How many rows the organisation has asked for since midnight."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    asked = BatchVerification.objects.filter(
        organization=organization_id,
        asked_at__gte=midnight,
        asked_at__lt=midnight + timedelta(days=1),
    )
    return asked.aggregate(rows=Sum("row_count"))["rows"] or 0


def rows_a_day() -> int:
    """How many rows an organisation may ask for in a day."""
    return int(getattr(settings, "ZHICHENG_BATCH_ROWS_PER_DAY"))  # noqa: B009 - set from a table


@retrying
def verify_batch(
    *,
    actor: Account,
    rows: Sequence[AskedRow],
    way: BatchWay,
    purpose: str,
    purpose_note: str = "",
    source_name: str = "",
    client: str = "",
    work: str | None = None,
    also: Callable[[Answered], None] = lambda _answered: None,
) -> Answered:
    """Answers the rows, counts them against the day, records who asked; all of it or nothing.

    ``also`` runs within the transaction: the worker finishes its work there.
    """
    organization = actor.organization
    require(actor, Action.BATCH_VERIFY, organization)
    purpose, purpose_note = check_purpose(purpose, purpose_note)
    check_count(len(rows))
    with recorded(actor, Action.BATCH_VERIFY) as record:
        _one_at_a_time(organization.pk)
        check_day(len(rows), rows_today(organization.pk), rows_a_day())
        report(LOOKING, 0, len(rows))
        answered = answer_rows(rows)
        report(RECORDING, len(rows), len(rows))
        record_lookups(
            [
                Question(
                    Way.BATCH,
                    found=[found.number for found in item.records],
                    name=item.asked.name,
                    id_number=item.asked.id_number,
                    number=item.asked.number,
                    organization_id=organization.pk,
                    client=client,
                )
                for item in answered
            ]
        )
        (pk,) = new_ids(BatchVerification, 1)
        batch = BatchVerification.objects.create(
            pk=pk,
            number=f"HY{timezone.localdate().year}-{pk:06d}",
            organization=organization,
            account_id=actor.pk,
            client=client[:100],
            way=way,
            purpose=purpose,
            purpose_note=purpose_note,
            row_count=len(answered),
            found_count=sum(bool(item.records) for item in answered),
            source_name=hide_id_numbers(source_name)[:200],
            work=work,
        )
        record(
            subject=batch,
            data={
                "number": batch.number,
                "way": batch.way,
                "purpose": batch.purpose,
                "rows": batch.row_count,
                "found": batch.found_count,
            },
        )
        done = Answered(batch, answered)
        report(WRITING, len(rows), len(rows))
        also(done)
    _alarm(answered)
    return done


def check_purpose(purpose: str, note: str) -> tuple[str, str]:
    """The stated purpose; raises Refusal when there is none."""
    note = hide_id_numbers(note.strip())[:100]
    if purpose not in BatchPurpose.values or (purpose == BatchPurpose.OTHER and not note):
        raise Refusal(
            "batch.purpose",
            "批量核验须选择用途；选“其他”的，须写明用途。",
            clause="N18",
            expected="、".join(str(each.label) for each in BatchPurpose),
            mend="个人信息只能为明确的目的查询，请选择用途后再核验。",
        )
    return purpose, note


def _one_at_a_time(organization_id: int) -> None:
    """Two batches of one organisation don't count past each other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('batch verification'), %s)",
            [organization_id % 2**31],
        )


def _alarm(answered: Sequence[AnsweredRow]) -> None:
    """As after a question of the public: void certificates and lost blanks that are asked for."""
    try:
        gone = {
            found.number for item in answered for found in item.records if found.standing in GONE
        }
        if gone:
            seen_in_public(numbers=gone, channel=SightingChannel.QUERY)
        people = {
            (blind_index(i.asked.id_number), i.asked.name) for i in answered if i.asked.id_number
        }
        numbers = {(item.asked.number, item.asked.name) for item in answered if item.asked.number}
        lost = queries.lost_blanks_of({key for key, _name in people}, {n for n, _name in numbers})
        serials: dict[str, list[int]] = {}
        for number, name, key, serial in lost:
            if (bytes(key), name) in people or (number, name) in numbers:
                serials.setdefault(number, []).append(serial)
        for number, lying in serials.items():
            alarms.sighted_in_public(serials=lying, attempted=f"查询证书 {number}")
    except Exception as error:
        # The answer stands; an error's text may hold whom it was about.
        logger.error("the alarm of a batch was not recorded: %s", type(error).__name__)
