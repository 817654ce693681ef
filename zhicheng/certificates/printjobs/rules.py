"""What is asked of trays, first sheets and misprints; pure (N8, N9)."""

from collections.abc import Collection, Iterable, Sequence

from zhicheng.blanks.rules import difference
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange, format_serial, ranges_of

PORTION = 200  # sheets that an office printer's tray holds
LARGEST_PORTION = 500
NAMED = 6


def cut(serials: Iterable[int], size: int, *, first: int | None = None) -> list[list[int]]:
    """The serials in portions of the tray, each in serial order.

    With ``first`` the printing begins there, and what lies before it comes last, in portions of
    its own: so each portion still lies in order.
    """
    ordered = sorted(serials)
    parts = [ordered]
    if first is not None:
        parts = [
            [serial for serial in ordered if serial >= first],
            [serial for serial in ordered if serial < first],
        ]
    return [part[at : at + size] for part in parts for at in range(0, len(part), size)]


def require_portion_size(size: int) -> None:
    """Refuses a tray that no printer has."""
    if not 1 <= size <= LARGEST_PORTION:
        raise Refusal(
            "printing.portion_size",
            "每次装纸的张数不合适。",
            clause="N8",
            found=f"{size} 张",
            expected=f"1 至 {LARGEST_PORTION} 张，不超过纸盒容量",
        )


def require_first_serial(found: int, expected: int, pending: Collection[int]) -> None:
    """Refuses a tray whose first sheet isn't the one that the file begins with (N8)."""
    if found == expected:
        return
    mend = (
        f"请把纸盒里的空白证书按编号从小到大重新排好，{format_serial(expected)} 放在最先进纸的一张"
    )
    if found in pending:
        mend += f"；要从 {format_serial(found)} 开始打印的，用“改从此编号开始”重新排定。"
    else:
        mend += "；这个编号不在待打印的页中，请先把它取出。"
    raise Refusal(
        "printing.wrong_first_serial",
        "纸盒首张编号不对，打印文件没有放出。",
        clause="N8",
        found=format_serial(found),
        expected=format_serial(expected),
        mend=mend,
    )


def require_pending(serial: int, pending: Sequence[int]) -> None:
    """Refuses to begin with a sheet that isn't waiting to be printed."""
    if serial in pending:
        return
    raise Refusal(
        "printing.not_in_job",
        "这个编号不在本任务待打印的页中，不能从它开始。",
        clause="N8",
        found=format_serial(serial),
        expected=describe(pending),
    )


def from_on(portions: Iterable[Sequence[int]], serial: int) -> list[int]:
    """A jam: ``serial`` and every later sheet of the same tray portion.

    Later portions are right: the first serial of each was confirmed.
    """
    for portion in portions:
        if serial in portion:
            return [item for item in portion if item >= serial]
    raise Refusal(
        "printing.not_printed_here",
        "这个编号不在已打印的页中。",
        clause="N9",
        found=format_serial(serial),
        expected="本任务已打印的空白证书编号",
    )


def printed_ones(
    named: Sequence[SerialRange], printed: Collection[int], *, what: str = "错制"
) -> set[int]:
    """The named serials; refuses any that this job hasn't printed.

    Nothing is spoiled on a slip of the key, and a range of billions isn't counted through.
    """
    strange = difference(named, ranges_of(printed))
    if not strange:
        return {serial for serial in printed if any(serial in item for item in named)}
    raise Refusal(
        "printing.not_printed_here",
        f"所填{what}编号有的不在本任务已打印的页中，没有登记。",
        clause="N9",
        found=listed(strange),
        expected=describe(printed),
        mend="请核对编号；不是本任务打印的，在“证书办理”页登记废旧证书。",
    )


def require_apart(misprints: Collection[int], unprinted: Collection[int]) -> None:
    """Refuses a sheet that is called both misprinted and blank."""
    both = sorted(set(misprints) & set(unprinted))
    if both:
        raise Refusal(
            "printing.both",
            "同一编号不能既错制、又没有印上内容。",
            clause="N9",
            found=describe(both),
            expected="印上了内容的算错制；仍是空白的算没有印",
        )


def describe(serials: Iterable[int]) -> str:
    """Serials as people read them, the first few ranges."""
    return listed(ranges_of(serials))


def listed(ranges: Sequence[SerialRange]) -> str:
    """The first few ranges."""
    text = "、".join(str(item) for item in ranges[:NAMED])
    return f"{text} 等" if len(ranges) > NAMED else text or "无"
