"""What the notice says of blanks: how many, for whom, and when an exchange is due (N5, N9)."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange, count, format_serial, merge


def spares_due(people: int, rate: Decimal, *, round_up: bool = True) -> int:
    """How many spares go with ``people`` blanks: 5 % of 40 is 2, of 41 is 3 rounded up (N5)."""
    if people < 0 or not 0 <= rate <= 1:
        raise ValueError("people and rate must be sensible")
    rounding = ROUND_CEILING if round_up else ROUND_FLOOR
    return int((people * rate).to_integral_value(rounding=rounding))


def require_stock(wanted: int, held: Sequence[SerialRange], grade_label: str) -> None:
    """Refuses an allotment or exchange that the store can't serve."""
    available = count(held)
    if available < wanted:
        raise Refusal(
            "blanks.stock_too_low",
            f"{grade_label}空白证书库存不足。",
            clause="N5",
            found=f"库存 {available} 本",
            expected=f"需要 {wanted} 本",
            mend="请先办理印制入库，再配发。",
        )


def require_something_returned(returned: Sequence[SerialRange]) -> None:
    """Refuses an exchange or a return of nothing (N9)."""
    if not returned:
        raise Refusal(
            "exchange.nothing_returned",
            "换取空白证书须交回填制错误的废旧证书。",
            clause="N9",
            found="交回 0 本",
            expected="至少 1 本",
            mend="请扫描或填写交回的废旧证书编号。",
        )


def require_not_due_for_exchange(
    returned: Sequence[SerialRange], due: Sequence[SerialRange]
) -> None:
    """Refuses to take back without a new blank what the unit may exchange (N9).

    Otherwise a certificate would wait for a blank that nobody owes it any more.
    """
    mine = difference(returned, difference(returned, due))
    if mine:
        raise Refusal(
            "exchange.due",
            "这些废旧证书没有备用证书替换，应当换取新的空白证书，不能只交回。",
            clause="N9",
            found="、".join(str(item) for item in mine[:5]),
            expected="已用备用证书替换的废旧证书",
            mend="请在“可换取”一栏中办理换取。",
        )


def require_exchange_due(
    spares_left: int, returned: Sequence[SerialRange], spoiled: Sequence[SerialRange]
) -> None:
    """Refuses an exchange while spares are left, or of blanks that weren't spoiled (N9).

    ``returned`` is what is brought to the municipal office, ``spoiled`` what the unit holds as
    spoiled blanks of this register and grade.
    """
    require_something_returned(returned)
    if spares_left > 0:
        raise Refusal(
            "exchange.spares_left",
            "该登记表还有备用证书，应首先使用备用证书重制。",
            clause="N9",
            found=f"备用证书 {spares_left} 本",
            expected="备用证书用完后方可换取",
            mend="请先用备用证书重制。",
        )
    missing = difference(returned, spoiled)
    if missing:
        raise Refusal(
            "exchange.not_spoiled_here",
            "交回的空白证书不是该登记表已登记的废旧证书，不能换取。",
            clause="N9",
            found="、".join(str(item) for item in missing[:5]),
            expected="、".join(str(item) for item in spoiled[:5]) or "没有可换取的废旧证书",
            mend="请先由发放单位登记废旧证书，再按登记的编号交回。",
        )


def require_no_spare_took_its_place(
    returned: Sequence[SerialRange], due: Sequence[SerialRange]
) -> None:
    """Refuses to exchange a spoiled blank that a spare has replaced already (N9, invariant 6).

    ``due`` are the register's spoiled blanks of this grade that no spare replaced and that
    weren't exchanged yet.
    """
    replaced = difference(returned, due)
    if replaced:
        raise Refusal(
            "exchange.more_than_needed",
            "只有没有备用证书可替换的废旧证书才能换取，一本换一本。",
            clause="N9",
            found=f"{'、'.join(str(item) for item in replaced[:5])} 已用备用证书替换",
            expected=f"可换取 {count(due)} 本："
            + ("、".join(str(item) for item in merge(due)[:5]) or "无"),
            mend="已用备用证书替换的废旧证书，请通过“交回废旧证书”办理。",
        )


def require_request_changed(number: str, before: Sequence[str], now: Sequence[str]) -> None:
    """Refuses a second request for the same spoiled blanks (N9)."""
    if list(before) == list(now):
        raise Refusal(
            "exchange.requested_before",
            "这些废旧证书已经申请换取。",
            clause="N9",
            found=f"换取申请单 {number} 尚未办结",
            expected="新增的废旧证书",
            mend="请打印该申请单，携带废旧证书到市职改办换取。",
        )


def require_proposed_once(serials: Sequence[SerialRange], waiting: Sequence[SerialRange]) -> None:
    """Refuses to propose for destruction what another proposal, not confirmed yet, names."""
    free = difference(serials, waiting)
    twice = difference(serials, free)
    if twice:
        raise Refusal(
            "destruction.proposed_before",
            "这批废旧证书中有的已经提请销毁，正待监督人确认。",
            clause="N9",
            found="、".join(str(item) for item in twice[:5]),
            expected="尚未提请销毁的废旧证书",
            mend="请从本批中去掉这些编号。",
        )


def difference(
    wanted: Sequence[SerialRange], available: Sequence[SerialRange]
) -> list[SerialRange]:
    """The serials of ``wanted`` that aren't in ``available``, in one pass over both."""
    missing: list[SerialRange] = []
    have = merge(available)
    place = 0
    for item in merge(wanted):
        cursor = item.first
        while place < len(have) and have[place].last < cursor:
            place += 1
        look = place
        while look < len(have) and have[look].first <= item.last:
            if have[look].first > cursor:
                missing.append(SerialRange(cursor, have[look].first - 1))
            cursor = have[look].last + 1
            look += 1
        if cursor <= item.last:
            missing.append(SerialRange(cursor, item.last))
    return missing


def common(first: Sequence[SerialRange], second: Sequence[SerialRange]) -> list[SerialRange]:
    """The serials that are in both."""
    return difference(first, difference(first, second))


def each(ranges: Sequence[SerialRange]) -> list[int]:
    """Every serial of the ranges, lowest first."""
    return [serial for item in merge(ranges) for serial in range(item.first, item.last + 1)]


def require_second_person(proposed_by: int, confirmed_by: int) -> None:
    """Destruction needs two people (N9, N18)."""
    if proposed_by == confirmed_by:
        raise Refusal(
            "destruction.same_person",
            "废旧证书须由两人共同销毁，提请人不能同时监督销毁。",
            clause="N18",
            found="提请人与监督人为同一账号",
            expected="另一名负责人",
        )


def require_other_side(handed_over_by: int | None, received_by: int) -> None:
    """Nobody hands blanks over to themselves (N18)."""
    if handed_over_by == received_by:
        raise Refusal(
            "allotment.same_person",
            "移交人不能同时签收。",
            clause="N18",
            found="移交人与签收人为同一账号",
            expected="由发放单位签收",
        )


def describe(ranges: Sequence[SerialRange]) -> list[str]:
    """Ranges as they are kept in records: ``["0012001-0012042"]``."""
    return [str(item) for item in merge(ranges)]


def unknown_serial(serial: int) -> Refusal:
    """The refusal for a serial that the register doesn't hold in this state."""
    return Refusal(
        "blanks.not_held",
        "该空白证书不在本登记表名下，不能办理。",
        clause="N9",
        found=format_serial(serial),
        expected="本登记表已领取的空白证书",
        mend="请核对扫描的编号和所选的登记表。",
    )
