"""An old ledger on its way: uploaded, its columns mapped, checked, imported, perhaps taken back.

Every step is one transaction with one audit event. Rows come by COPY, the import is a fixed
number of statements however many rows there are, and what was imported goes back as a whole while
nothing builds on it.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict

from django.db import connection
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.historic import columns, reading
from zhicheng.historic.lifecycle import LEDGER
from zhicheng.historic.models import ColumnMapping, Ledger, LedgerLine, LedgerState
from zhicheng.historic.reading import SheetHead
from zhicheng.historic.storing import put_lines
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.protection import protect_bytes, reveal_bytes
from zhicheng.values.progress import report
from zhicheng.values.refusal import Conflict, Refusal
from zhicheng.values.text import hide_id_numbers

Also = Callable[[Ledger], None]
TABLE = "verification.legacyrecord"
_READING, _CHECKING, _IMPORTING = "读取台账", "检查各行", "导入"


def heads_of(ledger: Ledger) -> list[SheetHead]:
    """The first rows of its sheets."""
    kept = json.loads(reveal_bytes(bytes(ledger.head_cipher)))
    return [reading.head_of(each) for each in kept]


def locked(ledger_id: int) -> Ledger:
    """The ledger, locked until the transaction ends."""
    return (
        Ledger.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organization")
        .defer("content")
        .get(pk=ledger_id)
    )


@retrying
def upload(
    *, actor: Account, content: bytes, name: str, title: str, self_managed: bool = False
) -> Ledger:
    """Keeps a file and looks for its header; proposes what its columns are, as before if known.

    Raises Refusal for a file that can't be read, or that was imported already.
    """
    require(actor, Action.LEDGER_UPLOAD)
    heads = reading.read_head(content)
    sha256 = hashlib.sha256(content).hexdigest()
    with recorded(actor, Action.LEDGER_UPLOAD) as record:
        _require_new(sha256)
        best = max(range(len(heads)), key=lambda at: len(_proposed(actor, heads[at])))
        head = heads[best]
        ledger = Ledger.objects.create(
            number=_number(),
            title=hide_id_numbers(title.strip() or name)[:120],
            organization=actor.organization,
            file_name=hide_id_numbers(name.replace("\\", "/").rpartition("/")[2])[:200],
            sha256=sha256,
            content=protect_bytes(content),
            head_cipher=protect_bytes(
                json.dumps([asdict(each) for each in heads], ensure_ascii=False).encode()
            ),
            sheet=best,
            header_row=head.header_row,
            chosen={str(place): key for place, key in _proposed(actor, head).items()},
            self_managed=self_managed,
            row_count=head.rows,
            uploaded_by=actor,
        )
        record(
            subject=ledger,
            data={"number": ledger.number, "file": ledger.file_name, "sha256": sha256},
        )
    return ledger


def _number() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7241002)")
    year = timezone.localdate().year
    last = (
        Ledger.objects.filter(number__startswith=f"TZ{year}-")
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
    )
    return f"TZ{year}-{int(last.rpartition('-')[2]) + 1 if last else 1:04d}"


def _require_new(sha256: str) -> None:
    before = Ledger.objects.filter(sha256=sha256, state=LedgerState.IMPORTED).first()
    if before is not None:
        raise Refusal(
            "ledger.imported_before",
            "这个文件已经导入过，没有重复导入。",
            clause="N7",
            found=f"{before.number} {before.title}",
            expected="尚未导入的台账",
            mend="需要重新导入的，请先撤回原来的导入。",
        )


def _proposed(actor: Account, head: SheetHead, header: int | None = None) -> dict[int, str]:
    at = head.header_row if header is None else header
    return proposal(actor.organization_id, head.headings(at), head.samples(at))[0]


def proposal(
    organization_id: int, headings: list[str], samples: list[list[str]]
) -> tuple[dict[int, str], bool]:
    """What the columns are taken for, and whether the organisation said so before."""
    known = ColumnMapping.objects.filter(
        organization=organization_id, fingerprint=columns.fingerprint(headings)
    ).first()
    if known is not None:
        return {int(place): key for place, key in known.chosen.items()}, True
    return columns.guess(headings, samples), False


@retrying
def map_columns(
    *,
    actor: Account,
    ledger_id: int,
    sheet: int,
    header_row: int,
    chosen: Mapping[int, str],
    self_managed: bool = False,
) -> Ledger:
    """Says which column is what; it is remembered for the organisation's next such ledger.

    Raises Refusal when a field that every record needs has no column, or one has two.
    """
    with recorded(actor, Action.LEDGER_MAP) as record:
        ledger = locked(ledger_id)
        require(actor, Action.LEDGER_MAP)
        state = LEDGER.target(Action.LEDGER_MAP, ledger.state)
        heads = heads_of(ledger)
        known = set(columns.KEYS)
        lacking, twice = columns.missing(chosen), columns.taken_twice(chosen)
        if not 0 <= sheet < len(heads) or set(chosen.values()) - known:
            raise Refusal("ledger.mapping", "栏目对应不正确。", mend="请刷新页面后重试。")
        if lacking or twice:
            raise Refusal(
                "ledger.columns",
                "栏目对应不完整。",
                clause="N6",
                found="、".join(
                    [
                        *(f"没有选择“{title}”" for title in lacking),
                        *(f"“{t}”选了两列" for t in twice),
                    ]
                ),
                expected="、".join(columns.TITLES[key] for key in columns.REQUIRED),
                mend="请为每个必填项目选择一列，同一项目只选一列。",
            )
        headings = heads[sheet].headings(header_row)
        kept = {str(place): key for place, key in sorted(chosen.items())}
        ColumnMapping.objects.update_or_create(
            organization_id=actor.organization_id,
            fingerprint=columns.fingerprint(headings),
            defaults={
                "headings": [hide_id_numbers(text) for text in headings],
                "chosen": kept,
                "used_by": actor,
            },
        )
        ledger.state, ledger.sheet, ledger.header_row = state, sheet, header_row
        ledger.chosen, ledger.self_managed = kept, self_managed
        ledger.save(update_fields=["state", "sheet", "header_row", "chosen", "self_managed"])
        record(subject=ledger, data={"sheet": sheet, "header_row": header_row, "chosen": kept})
    return ledger


@retrying
def check(*, actor: Account, ledger_id: int, also: Also = lambda ledger: None) -> Ledger:
    """Reads and judges every row; what it says and what is wrong is kept for the preview."""
    report(_READING)
    plain = Ledger.objects.get(pk=ledger_id)
    rows = reading.read_rows(
        reveal_bytes(bytes(plain.content)),
        sheet=plain.sheet,
        header=plain.header_row,
        chosen={int(place): key for place, key in plain.chosen.items()},
    )
    with recorded(actor, Action.LEDGER_MAP) as record:
        ledger = locked(ledger_id)
        require(actor, Action.LEDGER_MAP)
        LEDGER.target(Action.LEDGER_UPLOAD, ledger.state)
        if _mapping(ledger) != _mapping(plain):
            raise Conflict("ledger.mapped_anew", "栏目对应已被他人改动。", mend="请刷新页面。")
        if not rows.count:
            raise Refusal(
                "ledger.no_rows",
                "表头以下没有内容。",
                found=f"表头在第 {ledger.header_row} 行",
                expected="至少一行",
                mend="请重新选择表头所在的行。",
            )
        report(_CHECKING, 0, rows.count)
        counts = put_lines(ledger, rows)
        ledger.state = LedgerState.CHECKED
        for name, count in counts.items():
            setattr(ledger, name, count)
        ledger.save(update_fields=["state", *counts])
        record(subject=ledger, data=counts)
        also(ledger)
    return ledger


def _mapping(ledger: Ledger) -> tuple[int, int, dict[str, str]]:
    return ledger.sheet, ledger.header_row, ledger.chosen


@retrying
def import_ledger(*, actor: Account, ledger_id: int, also: Also = lambda ledger: None) -> Ledger:
    """Takes the good rows over as old records: the same content once, whoever brings it.

    A row that says what is on file already names that record. One that says something else under
    the same number is taken too, and the conflict is listed for the office (N7).
    """
    with recorded(actor, Action.LEGACY_IMPORT) as record:
        ledger = locked(ledger_id)
        require(actor, Action.LEGACY_IMPORT)
        state = LEDGER.target(Action.LEGACY_IMPORT, ledger.state)
        _require_new(ledger.sha256)
        report(_IMPORTING, 0, ledger.ready_count)
        ids = _take(ledger, actor)
        counts = _count(ledger)
        ledger.state, ledger.imported_at, ledger.imported_by = state, timezone.now(), actor
        for name, count in counts.items():
            setattr(ledger, name, count)
        ledger.save(update_fields=["state", "imported_at", "imported_by", *counts])
        record(
            subject=ledger,
            data={"number": ledger.number, "origin": ledger.title, **counts},
            rows=TABLE,
            ids=ids,
        )
        also(ledger)
    return ledger


_DATA = (
    "certificate_number, name, sex, id_kind, id_number_cipher, id_number_index, id_number_masked,"
    " work_unit, specialty, qualification, level, grade, approval_date, month_only, issued_on,"
    " document_number, committee, department, issuer, self_managed"
)
_DIGEST = (
    "legacy_digest({0}.name, {0}.id_number_index, {0}.specialty, {0}.qualification,"
    " {0}.approval_date, {0}.month_only, {0}.document_number, {0}.issued_on, {0}.self_managed)"
)


def origin_of(ledger: Ledger) -> str:
    """How its records name their source."""
    return f"{ledger.title}（{ledger.number}）"[:200]


def _take(ledger: Ledger, actor: Account) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO verification_legacyrecord
                ({_DATA}, origin, ledger, imported_at, imported_by_id)
            SELECT DISTINCT ON (l.certificate_number, {_DIGEST.format("l")})
                {_DATA}, %s, %s, %s, %s
            FROM historic_ledgerline l WHERE l.ledger_id = %s AND l.outcome = 'ready'
            ORDER BY l.certificate_number, {_DIGEST.format("l")}, l.row
            ON CONFLICT (certificate_number, content_digest) DO NOTHING
            RETURNING id
            """,
            [origin_of(ledger), ledger.pk, timezone.now(), actor.pk, ledger.pk],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(
            f"""
            WITH first AS (
                SELECT l.certificate_number AS number, {_DIGEST.format("l")} AS digest,
                       min(l.row) AS row
                FROM historic_ledgerline l WHERE l.ledger_id = %s AND l.outcome = 'ready'
                GROUP BY 1, 2)
            UPDATE historic_ledgerline l SET record_id = r.id,
                -- Of several equal rows of one file the first is the one that was taken.
                outcome = CASE WHEN r.ledger = l.ledger_id AND l.row = first.row
                               THEN 'taken' ELSE 'same' END
            FROM first JOIN verification_legacyrecord r
                ON r.certificate_number = first.number AND r.content_digest = first.digest
            WHERE l.ledger_id = %s AND l.outcome = 'ready'
              AND l.certificate_number = first.number
              AND {_DIGEST.format("l")} = first.digest
            """,
            [ledger.pk, ledger.pk],
        )
    return ids


def _count(ledger: Ledger) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FILTER (WHERE outcome = 'taken'),
                   count(*) FILTER (WHERE outcome = 'same'),
                   count(*) FILTER (WHERE outcome = 'refused'),
                   (SELECT count(DISTINCT r.id) FROM verification_legacyrecord r
                    JOIN verification_sourceconflict k
                      ON k.first_legacy_id = r.id OR k.other_legacy_id = r.id
                    WHERE r.ledger = %s)
            FROM historic_ledgerline WHERE ledger_id = %s
            """,
            [ledger.pk, ledger.pk],
        )
        taken, same, refused, conflicts = cursor.fetchone()
    return {
        "taken_count": taken,
        "same_count": same,
        "refused_count": refused,
        "conflict_count": conflicts,
    }


@retrying
def discard(*, actor: Account, ledger_id: int) -> Ledger:
    """Gives up a ledger that wasn't imported; its rows go, the file stays on record."""
    with recorded(actor, Action.LEDGER_DISCARD) as record:
        ledger = locked(ledger_id)
        require(actor, Action.LEDGER_DISCARD)
        ledger.state = LEDGER.target(Action.LEDGER_DISCARD, ledger.state)
        LedgerLine.objects.filter(ledger=ledger)._raw_delete("default")
        ledger.save(update_fields=["state"])
        record(subject=ledger, data={"number": ledger.number})
    return ledger


__all__ = [
    "check",
    "discard",
    "heads_of",
    "import_ledger",
    "map_columns",
    "upload",
]
