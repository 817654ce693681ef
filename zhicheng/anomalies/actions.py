"""Looking for what is unusual, setting it aside, inquiring into it (N18).

The discipline inspector has no business authority: nothing here touches a register, a blank or
a certificate.
"""

import json
from collections.abc import Callable, Sequence
from datetime import date

from django.db import connection
from django.db.models import F
from django.utils import timezone

from zhicheng.anomalies.detectors import DETECTORS
from zhicheng.anomalies.models import (
    Anomaly,
    DetectionPolicy,
    Inquiry,
    InquiryEntry,
    InquiryOutcome,
)
from zhicheng.anomalies.queries import thresholds_on
from zhicheng.anomalies.rules import GROWN, Found, Thresholds
from zhicheng.audit.recording import recorded, retrying
from zhicheng.bulk import new_ids
from zhicheng.files.store import Prepared, store, told
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.dated_days import check_from
from zhicheng.values.progress import report
from zhicheng.values.refusal import Conflict, Refusal
from zhicheng.values.text import hide_id_numbers

_LOCK = 0x616E6F6D  # "anom": one search at a time


@retrying
def look(*, actor: Actor, also: Callable[[int], None] | None = None) -> int:
    """Searches the whole city for what is unusual; gives how many things are listed anew.

    Idempotent: what is listed already is brought up to date. One search at a time. ``also`` gets
    how many, within the transaction.
    """
    with recorded(actor, Action.ANOMALY_LOOK) as record:
        require(actor, Action.ANOMALY_LOOK)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        now = timezone.now()
        thresholds = thresholds_on(timezone.localdate(now))
        found: list[Found] = []
        for number, detector in enumerate(DETECTORS):
            report("查找异常线索", number, len(DETECTORS))
            found += detector(thresholds, now)
        added, back = _write(found)
        record(data={"found": len(found), "new": added, "back": back})
        if also is not None:
            also(added + back)
    return added + back


def _write(found: Sequence[Found]) -> tuple[int, int]:
    """One statement for all: new ones are added, known ones brought up to date.

    What was set aside comes back when there is enough evidence after what was seen then, or when
    it has grown; the reason stays in the audit chain. What a closed inquiry looked into stays as
    it was: in these cases it is listed anew. What isn't found any more says since when.
    """
    rows = [
        {
            "kind": item.kind,
            "key": item.key,
            "summary": (item.summary % item.words)[:300],
            "weight": item.weight,
            "organization_id": item.organization_id,
            "account_id": item.account_id,
            "enough_since": item.enough_since.isoformat() if item.enough_since else None,
            "evidence": item.evidence.as_data()
            | {"summary": item.summary, "words": {k: str(v) for k, v in item.words.items()}},
        }
        for item in found
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH found AS (
                SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS f(
                    kind text, key text, summary text, weight float8, organization_id bigint,
                    account_id bigint, enough_since timestamptz, evidence jsonb)
            ), closed AS (
                SELECT DISTINCT ON (a.kind, a.key) a.id, a.kind, a.key
                FROM anomalies_anomaly a JOIN found f USING (kind, key)
                WHERE a.closed_weight IS NOT NULL
                    AND f.weight < a.closed_weight * %(grown)s
                    AND (f.enough_since > a.seen_until) IS NOT TRUE
                    AND NOT EXISTS (SELECT FROM anomalies_anomaly later WHERE later.id > a.id
                        AND later.kind = a.kind AND later.key = a.key)
            ), aside AS (
                SELECT a.id FROM anomalies_anomaly a JOIN found f USING (kind, key)
                WHERE a.set_aside_at IS NOT NULL AND (
                    f.weight >= a.set_aside_weight * %(grown)s OR f.enough_since > a.seen_until)
            ), gone AS (
                UPDATE anomalies_anomaly a SET gone_since = now()
                WHERE a.gone_since IS NULL AND a.closed_weight IS NULL
                    AND NOT EXISTS (SELECT FROM found f WHERE f.kind = a.kind AND f.key = a.key)
            ), written AS (
                INSERT INTO anomalies_anomaly AS a (kind, key, summary, weight, organization_id,
                    account_id, evidence, first_found_at, last_found_at, set_aside_reason)
                SELECT kind, key, summary, weight, organization_id, account_id, evidence,
                    now(), now(), ''
                FROM found WHERE (kind, key) NOT IN (SELECT kind, key FROM closed)
                ON CONFLICT (kind, key) WHERE closed_weight IS NULL DO UPDATE SET
                    summary = EXCLUDED.summary, weight = EXCLUDED.weight,
                    organization_id = EXCLUDED.organization_id,
                    account_id = EXCLUDED.account_id, evidence = EXCLUDED.evidence,
                    last_found_at = EXCLUDED.last_found_at, gone_since = NULL,
                    set_aside_at = CASE WHEN a.id IN (SELECT id FROM aside) THEN NULL
                        ELSE a.set_aside_at END,
                    set_aside_by_id = CASE WHEN a.id IN (SELECT id FROM aside) THEN NULL
                        ELSE a.set_aside_by_id END,
                    set_aside_reason = CASE WHEN a.id IN (SELECT id FROM aside) THEN ''
                        ELSE a.set_aside_reason END,
                    set_aside_weight = CASE WHEN a.id IN (SELECT id FROM aside) THEN NULL
                        ELSE a.set_aside_weight END,
                    seen_until = CASE WHEN a.id IN (SELECT id FROM aside) THEN NULL
                        ELSE a.seen_until END
                WHERE a.closed_weight IS NULL
                RETURNING a.xmax = 0 AS added
            )
            SELECT count(*) FILTER (WHERE added), (SELECT count(*) FROM aside) FROM written
            """,
            {"rows": json.dumps(rows), "grown": GROWN},
        )
        added, back = cursor.fetchone()
    return int(added), int(back)


def _free(anomaly_ids: Sequence[int]) -> list[Anomaly]:
    """The anomalies, locked, that nobody has dealt with; raises Conflict for another."""
    found = list(
        Anomaly.objects.select_for_update(no_key=True).filter(pk__in=anomaly_ids).order_by("pk")
    )
    if not found:
        raise Refusal(
            "anomaly.none_chosen",
            "请先选择要办理的异常线索。",
            clause="N18",
            found="0 条",
            expected="至少 1 条",
        )
    settled = [item for item in found if item.set_aside_at or item.inquiry_id]
    if settled:
        raise Conflict(
            "anomaly.dealt_with",
            "选中的异常线索中有的已经办理。",
            clause="N18",
            found="；".join(item.summary for item in settled[:3]),
            expected="尚未办理的异常线索",
            mend="请刷新列表后重新选择。",
        )
    return found


def _said(text: str, rule: str, message: str, expected: str, longest: int) -> str:
    tidy = hide_id_numbers(text.strip())[:longest]
    if not tidy:
        raise Refusal(rule, message, clause="N18", found="未填写", expected=expected)
    return tidy


@retrying
def set_aside(*, actor: Account, anomaly_ids: Sequence[int], reason: str) -> int:
    """Says why these need no inquiry; gives how many.

    It holds for what the last search showed: enough new evidence brings them back (``_write``).
    """
    with recorded(actor, Action.ANOMALY_SET_ASIDE) as record:
        require(actor, Action.ANOMALY_SET_ASIDE)
        text = _said(reason, "anomaly.no_reason", "请填写排除理由。", "为什么不需要核查", 300)
        chosen = _free(anomaly_ids)
        now = timezone.now()
        for item in chosen:
            item.set_aside_at, item.set_aside_by = now, actor
            item.set_aside_reason, item.set_aside_weight = text, item.weight
            item.seen_until = item.last_found_at
        fields = ("set_aside_at", "set_aside_by", "set_aside_reason", "set_aside_weight")
        Anomaly.objects.bulk_update(chosen, [*fields, "seen_until"])
        record(
            data={"reason": text, "count": len(chosen)},
            rows=Anomaly._meta.label_lower,
            ids=[item.pk for item in chosen],
        )
    return len(chosen)


@retrying
def open_inquiry(*, actor: Account, anomaly_ids: Sequence[int], subject: str) -> Inquiry:
    """Takes anomalies into one inquiry (核查案卷)."""
    with recorded(actor, Action.INQUIRY_OPEN) as record:
        require(actor, Action.INQUIRY_OPEN)
        chosen = _free(anomaly_ids)
        text = hide_id_numbers(subject.strip())[:200] or chosen[0].summary[:200]
        (pk,) = new_ids(Inquiry, 1)
        inquiry = Inquiry.objects.create(
            pk=pk,
            number=f"HC{timezone.localdate().year}-{pk:06d}",
            subject=text,
            opened_by=actor,
        )
        Anomaly.objects.filter(pk__in=[item.pk for item in chosen]).update(inquiry=inquiry)
        record(
            subject=inquiry,
            data={"inquiry": inquiry.number, "subject": text, "count": len(chosen)},
            rows=Anomaly._meta.label_lower,
            ids=[item.pk for item in chosen],
        )
    return inquiry


@retrying
def join_inquiry(*, actor: Account, inquiry_id: int, anomaly_ids: Sequence[int]) -> Inquiry:
    """Takes further anomalies into an inquiry that goes on."""
    with recorded(actor, Action.INQUIRY_JOIN) as record:
        require(actor, Action.INQUIRY_JOIN)
        inquiry = _open(inquiry_id)
        chosen = _free(anomaly_ids)
        Anomaly.objects.filter(pk__in=[item.pk for item in chosen]).update(inquiry=inquiry)
        record(
            subject=inquiry,
            data={"inquiry": inquiry.number, "count": len(chosen)},
            rows=Anomaly._meta.label_lower,
            ids=[item.pk for item in chosen],
        )
    return inquiry


def _open(inquiry_id: int) -> Inquiry:
    inquiry = Inquiry.objects.select_for_update(no_key=True).get(pk=inquiry_id)
    if not inquiry.is_open:
        raise Conflict(
            "inquiry.closed",
            f"核查案卷 {inquiry.number} 已经结案。",
            clause="N18",
            found=inquiry.get_outcome_display(),
            expected="核查中",
            mend="需要继续核查的，请在出现新线索时另立案卷。",
        )
    return inquiry


@retrying
def add_inquiry_entry(
    *, actor: Account, inquiry_id: int, text: str, file: Prepared | None = None
) -> InquiryEntry:
    """Adds a step: what was looked into, heard, found; with a document or without."""
    with recorded(actor, Action.INQUIRY_NOTE) as record:
        require(actor, Action.INQUIRY_NOTE)
        inquiry = _open(inquiry_id)
        said = _said(
            text, "inquiry.entry_empty", "请填写核查经过。", "何时、何人、查了什么、结果如何", 1000
        )
        evidence = store(file, account_id=actor.pk) if file is not None else None
        entry = InquiryEntry.objects.create(
            inquiry=inquiry, text=said, file=evidence, written_by=actor
        )
        record(
            subject=inquiry,
            data={
                "inquiry": inquiry.number,
                "text": said,
                **(told(evidence) if evidence else {}),
            },
        )
    return entry


@retrying
def close_inquiry(*, actor: Account, inquiry_id: int, outcome: str, conclusion: str) -> Inquiry:
    """Ends it with an outcome and a conclusion; for good."""
    with recorded(actor, Action.INQUIRY_CLOSE) as record:
        require(actor, Action.INQUIRY_CLOSE)
        inquiry = _open(inquiry_id)
        if outcome not in InquiryOutcome.values:
            raise Refusal(
                "inquiry.no_outcome",
                "请选择核查结果。",
                clause="N18",
                found=outcome[:20] or "未选择",
                expected="、".join(str(label) for label in InquiryOutcome.labels),
            )
        said = _said(
            conclusion, "inquiry.no_conclusion", "请填写核查结论。", "查明了什么，怎样处理", 1000
        )
        inquiry.outcome, inquiry.conclusion = outcome, said
        inquiry.closed_at, inquiry.closed_by = timezone.now(), actor
        inquiry.save(update_fields=["outcome", "conclusion", "closed_at", "closed_by"])
        inquiry.anomalies.update(closed_weight=F("weight"), seen_until=F("last_found_at"))
        record(
            subject=inquiry,
            data={"inquiry": inquiry.number, "outcome": outcome, "conclusion": said},
        )
    return inquiry


@retrying
def note_print(*, actor: Account, inquiry: Inquiry, sha256: str) -> None:
    """Puts on record that the inquiry left the house as a paper, and which bytes that was."""
    with recorded(actor, Action.INQUIRY_PRINT) as record:
        require(actor, Action.INQUIRY_PRINT)
        record(subject=inquiry, data={"inquiry": inquiry.number, "sha256": sha256})


@retrying
def set_detection_policy(
    *, actor: Actor, valid_from: date, thresholds: Thresholds
) -> DetectionPolicy:
    """From which figures on something is listed, from a day on that isn't past; all stay on record.

    Raises Refusal for a past day.
    """
    with recorded(actor, Action.ANOMALY_POLICY_SET) as record:
        require(actor, Action.ANOMALY_POLICY_SET)
        check_from(valid_from, timezone.localdate(), "detection_policy.past")
        policy = DetectionPolicy.objects.create(valid_from=valid_from, **vars(thresholds))
        record(subject=policy, data={"valid_from": valid_from.isoformat(), **vars(thresholds)})
    return policy
