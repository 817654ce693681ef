"""What holds of transfer slips: who stands on them, what was counted, where a certificate is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange, count, ranges_of

NUMBER_BEGINS = "YJ"
MOST_LINES = 5000


def slip_number(year: int, sequence: int) -> str:
    """The number of a slip: YJ2026-000012."""
    return f"{NUMBER_BEGINS}{year}-{sequence:06d}"


class Place(StrEnum):
    """Where a certificate on its path physically is."""

    UNIT = "unit"
    THERE = "there"
    EMBOSSER = "embosser"
    BACK = "back"
    MISSING = "missing"
    HOLDER = "holder"
    NOWHERE = "nowhere"


def place_of(
    *,
    state: str,
    slip_state: str,
    came: bool | None,
    back: bool | None,
    same_blank: bool,
) -> Place:
    """Where a certificate in ``state`` is, by the newest slip on which it stands.

    ``slip_state`` is empty without a slip; ``same_blank``: it lies on the blank on which it went.
    """
    if state == "issued":
        return Place.HOLDER
    if state not in ("filled", "sealed", "embossed"):
        return Place.NOWHERE
    if not slip_state or not same_blank:
        return Place.UNIT
    if came is False or back is False:
        return Place.MISSING
    return {
        "sent": Place.THERE,
        "arrived": Place.EMBOSSER,
        "returning": Place.BACK,
    }.get(slip_state, Place.UNIT)


@dataclass(frozen=True)
class Counted:
    """What was counted at the end of a way: expected, there, missing, too many."""

    expected: tuple[SerialRange, ...]
    there: tuple[SerialRange, ...]
    missing: tuple[SerialRange, ...]
    surplus: tuple[SerialRange, ...]

    @property
    def agrees(self) -> bool:
        """Whether exactly what should have come came."""
        return not self.missing and not self.surplus


def counted(expected: Collection[int], there: Collection[int]) -> Counted:
    """Both sides compared, as ranges of serials."""
    wanted, came = set(expected), set(there)
    return Counted(
        tuple(ranges_of(sorted(wanted))),
        tuple(ranges_of(sorted(wanted & came))),
        tuple(ranges_of(sorted(wanted - came))),
        tuple(ranges_of(sorted(came - wanted))),
    )


def require_names(giver: str, taker: str, *, step: str) -> None:
    """A hand-over has two different people, both named."""
    first, second = giver.strip(), taker.strip()
    if first and second and first != second:
        return
    raise Refusal(
        "transfer.two_names",
        f"{step}须登记交、接双方的姓名，且不能是同一个人。",
        clause="N18",
        found=f"交：{first or '未填'}；接：{second or '未填'}",
        expected="两个不同的姓名",
        mend="请填写另一方的姓名。",
    )


def require_count(said: int | None, expected: int) -> None:
    """Whoever takes a pile without scanning each certificate has counted it."""
    if said == expected:
        return
    raise Refusal(
        "transfer.count_differs",
        "清点的本数与移交单不一致，请逐本扫描，系统会指出差异。",
        clause="N18",
        found="未填写本数" if said is None else f"清点 {said} 本",
        expected=f"移交单上 {expected} 本",
        mend="请重新清点，或逐本扫描后再签收。",
    )


def require_lines(lines: int) -> None:
    """An empty slip is handed to nobody, and one person carries so many."""
    if 0 < lines <= MOST_LINES:
        return
    raise Refusal(
        "transfer.lines",
        "移交单上还没有证书，不能移交。" if not lines else "一张移交单上的证书过多。",
        clause="N8",
        found=f"{lines} 本",
        expected=f"1 至 {MOST_LINES} 本",
        mend="请扫描已盖公章的证书加入移交单。" if not lines else "请分成几张移交单。",
    )


def require_embossed_or_accepted(unembossed: Sequence[str], accepted: bool) -> None:
    """What goes back without the embossed seal goes back knowingly."""
    if not unembossed or accepted:
        return
    raise Refusal(
        "transfer.not_embossed",
        f"有 {len(unembossed)} 本还没有登记加盖钢印，没有退回。",
        clause="N8",
        found="、".join(unembossed[:5]) + ("等" if len(unembossed) > 5 else ""),
        expected="都已加盖钢印，或勾选“未盖钢印的一并退回”",
        mend="请先扫描登记加盖钢印；不能加盖的，勾选后退回并告知单位原因。",
    )


def words(ranges: Sequence[SerialRange]) -> str:
    """Serial ranges as people read them."""
    return "、".join(str(item) for item in ranges) or "—"


def total(ranges: Sequence[SerialRange]) -> int:
    """How many serials."""
    return count(ranges)
