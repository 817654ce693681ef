"""The printed form and the data behind it: are they the same, and where not (N4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from zhicheng.audit.recording import recorded
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.permissions import Action
from zhicheng.registers import versions
from zhicheng.registers.digest import (
    DIGEST_BYTES,
    PageCode,
    joined_digest,
    page_code,
    read_code,
    row_digest,
)
from zhicheng.registers.editing import account_id
from zhicheng.registers.models import PaperCheck, Register, RegisterPrint
from zhicheng.registers.storing import TEXT_FIELDS
from zhicheng.registers.versions import RowDifference
from zhicheng.values.refusal import Refusal


@dataclass(frozen=True)
class ChangedRow:
    """A row that is no longer as printed: ``kind`` is changed, removed or added."""

    position: int
    kind: str
    row_id: int


@dataclass(frozen=True)
class Comparison:
    """What became of the printed rows; ``agrees`` when paper and data are the same."""

    register: Register
    printed: RegisterPrint
    code: PageCode | None
    changed: Sequence[ChangedRow]

    @property
    def agrees(self) -> bool:
        """Whether the paper says what the data says."""
        return not self.changed


def current_digests(register: Register) -> dict[int, bytes]:
    """The digest of every row as it is now, by row id, in the form's order."""
    rows = register.rows.order_by("position").values_list(
        "pk", "position", "id_number_index", *TEXT_FIELDS
    )
    return {
        pk: row_digest(position, texts, bytes(index) if index is not None else None)
        for pk, position, index, *texts in rows
    }


def print_register(*, actor: Actor, register_id: int) -> RegisterPrint:
    """Notes that the form is printed as it is now; its codes come from ``page_codes``."""
    with recorded(actor, Action.REGISTER_PRINT) as record:
        register = Register.objects.defer("source").get(pk=register_id)
        require(actor, Action.REGISTER_PRINT, register)
        digests = current_digests(register)
        printed = RegisterPrint.objects.create(
            register=register,
            register_version=register.version,
            digest=joined_digest(list(digests.values())),
            row_ids=list(digests),
            row_digests=b"".join(digests.values()),
            printed_by_id=account_id(actor),
        )
        record(
            subject=register,
            data={
                "number": register.number,
                "print": printed.pk,
                "version": register.version,
                "digest": bytes(printed.digest).hex(),
            },
        )
    return printed


def page_codes(printed: RegisterPrint, pages: Sequence[range]) -> list[str]:
    """The QR text of each page; ``pages`` are the ranges of rows, counted from 0, on it."""
    digests = printed_digests(printed)
    return [
        str(
            page_code(
                register=printed.register.number,
                print_id=printed.pk,
                page=number,
                first=rows.start + 1,
                last=rows.stop,
                rows=digests[rows.start : rows.stop],
            )
        )
        for number, rows in enumerate(pages, start=1)
    ]


def printed_digests(printed: RegisterPrint) -> list[bytes]:
    """The digests of the printed rows in order."""
    whole = bytes(printed.row_digests)
    return [whole[at : at + DIGEST_BYTES] for at in range(0, len(whole), DIGEST_BYTES)]


def compare_print(
    printed: RegisterPrint, first: int | None = None, last: int | None = None
) -> list[ChangedRow]:
    """Which of the printed rows ``first`` to ``last`` (positions; all by default) changed since.

    Rows that came to the register since are named as added when the whole print is asked for.
    """
    return changed_rows(printed, current_digests(printed.register), first, last)


def changed_rows(
    printed: RegisterPrint,
    now: Mapping[int, bytes],
    first: int | None = None,
    last: int | None = None,
) -> list[ChangedRow]:
    """As ``compare_print``, with the digests of the register as it is ``now``."""
    places = {pk: place for place, pk in enumerate(now, start=1)}
    changed = []
    start, stop = (first or 1) - 1, len(printed.row_ids) if last is None else last
    printed_rows = list(zip(printed.row_ids, printed_digests(printed), strict=True))
    for position, (pk, digest) in enumerate(printed_rows[start:stop], start=start + 1):
        if pk not in now:
            changed.append(ChangedRow(position, "removed", pk))
        elif now[pk] != digest:
            changed.append(ChangedRow(position, "changed", pk))
    if first is None and last is None:
        known = set(printed.row_ids)
        changed += [ChangedRow(places[pk], "added", pk) for pk in now if pk not in known]
    return changed


def print_of(code: PageCode) -> RegisterPrint | None:
    """The print on record that the code names."""
    return (
        RegisterPrint.objects.select_related("register__reporting_unit")
        .defer("register__source")
        .filter(pk=code.print_id, register__number=code.register)
        .first()
    )


def genuine(code: PageCode, printed: RegisterPrint | None = None) -> bool:
    """Whether a page with this very code was printed."""
    printed = printed or print_of(code)
    if printed is None:
        return False
    # A page without rows is that of an empty register alone: an empty digest is no secret.
    rows = len(printed.row_ids)
    if not 1 <= code.first <= code.last <= rows and (code.first, code.last, rows) != (1, 0, 0):
        return False
    expected = page_code(
        register=code.register,
        print_id=code.print_id,
        page=code.page,
        first=code.first,
        last=code.last,
        rows=printed_digests(printed)[code.first - 1 : code.last],
    )
    return expected == code


def check_paper(*, actor: Actor, text: str) -> Comparison:
    """Compares a scanned page with the data (N4); what it says of the changed rows, too.

    Raises Refusal for a code that isn't of this product, of no print, or whose digest was
    altered.
    """
    code = read_code(text)
    printed = print_of(code) if code is not None else None
    if code is None or printed is None:
        raise Refusal(
            "paper.unknown_code",
            "这不是登记表上的二维码，或者没有这次打印的记录。",
            clause="N4",
            found=text.strip()[:60] if code is not None else "无法识别的内容",
            expected="本系统打印的登记表各页右下角的二维码",
            mend="请重新扫描；仍不能识别的，请重新打印登记表。",
        )
    require(actor, Action.PAPER_CHECK, printed.register)
    if not genuine(code, printed):
        raise Refusal(
            "paper.altered_code",
            "二维码与打印记录不符，该页可能被改动过。",
            clause="N4",
            found=f"第{code.page}页",
            expected=f"{printed.register.number} 的打印记录",
            mend="请要求填报单位重新打印并报送。",
        )
    with recorded(actor, Action.PAPER_CHECK) as record:
        changed = compare_print(printed, code.first, code.last)
        PaperCheck.objects.create(
            register=printed.register,
            printed=printed,
            page=code.page,
            first=code.first,
            last=code.last,
            agreed=not changed,
            checked_by_id=account_id(actor),
        )
        record(
            subject=printed.register,
            data={
                "number": printed.register.number,
                "print": printed.pk,
                "page": code.page,
                "agrees": not changed,
                "changed": [row.position for row in changed],
            },
        )
    return Comparison(printed.register, printed, code, changed)


def differences(comparison: Comparison) -> list[tuple[ChangedRow, RowDifference | None]]:
    """The changed rows with old and new value of each column, from the history of the rows."""
    wanted = {row.row_id for row in comparison.changed}
    if not wanted:
        return []
    found = versions.pairs(
        comparison.register,
        comparison.printed.register_version,
        comparison.register.version,
    )
    told = {row.row_id: row for row in versions.read(p for p in found if p.row_id in wanted)}
    return [(row, told.get(row.row_id)) for row in comparison.changed]


@dataclass(frozen=True)
class PaperState:
    """What is known of the register's paper now: rows compared, rows on scans, files."""

    rows: int
    checked: int
    scanned: int
    scans: int
    outdated: bool

    @property
    def agrees(self) -> bool:
        """Whether every row was compared at the office and is still the same."""
        return self.rows > 0 and self.checked == self.rows

    @property
    def scan_agrees(self) -> bool:
        """Whether every row stands on a scan and is still the same."""
        return self.rows > 0 and self.scanned == self.rows


def paper_state(register: Register) -> PaperState:
    """How much of the register was compared with paper, and lies there as a scan."""
    now = current_digests(register)
    checks = list(register.paper_checks.values_list("printed", "page", "first", "last").distinct())
    scans = list(register.scans.values_list("pages", flat=True))
    pages = {tuple(page) for found in scans for page in found}
    prints = RegisterPrint.objects.in_bulk({page[0] for page in [*checks, *pages]})
    checked, first_gone = _covered(checks, prints, now)
    scanned, second_gone = _covered(pages, prints, now)
    return PaperState(
        rows=len(now),
        checked=len(checked),
        scanned=len(scanned),
        scans=len(scans),
        outdated=first_gone or second_gone,
    )


def _covered(
    pages: Iterable[Sequence[int]], prints: Mapping[int, RegisterPrint], now: Mapping[int, bytes]
) -> tuple[set[int], bool]:
    """Rows that these pages say as they are now, and whether a page says otherwise."""
    covered: set[int] = set()
    outdated = False
    for key, _page, first, last in pages:
        printed = prints[key]
        digests = printed_digests(printed)
        for pk, digest in zip(
            printed.row_ids[first - 1 : last], digests[first - 1 : last], strict=True
        ):
            if now.get(pk) == digest:
                covered.add(pk)
            else:
                outdated = True
    return covered, outdated
