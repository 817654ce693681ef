"""What is asked of an order and of a delivery that is counted in (N1): pure rules."""

from collections.abc import Sequence

from zhicheng.blanks.rules import difference
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange, count, merge


def _named(ranges: Sequence[SerialRange]) -> str:
    text = "、".join(str(item) for item in ranges[:5])
    return text + (" 等" if len(ranges) > 5 else "")


def require_quantity(serials: SerialRange, quantity: int) -> None:
    """Refuses an order whose number of blanks isn't that of its serials."""
    if len(serials) != quantity:
        raise Refusal(
            "print_order.quantity_differs",
            "印制数量与编号区间的本数不一致。",
            clause="N1",
            found=f"{serials} 共 {len(serials)} 本",
            expected=f"{quantity} 本",
            mend="请核对起止编号和数量。",
        )


def require_edition(edition: int | None, year: int) -> None:
    """Refuses a year of the blank (印制年度) that can't be meant: next year's at the latest."""
    if edition is not None and not year - 20 <= edition <= year + 1:
        raise Refusal(
            "print_run.edition",
            "印制年度不合常理。",
            clause="N1",
            found=str(edition),
            expected=f"{year - 20} 至 {year + 1}",
            mend="印制年度是空白证书上的版本年度，请核对实物。",
        )


def ordered_before(number: str, serials: SerialRange) -> Refusal:
    """The refusal of an order whose serials another order names."""
    return Refusal(
        "print_order.ordered_before",
        "这些编号中有的已在另一张印制单上，同一编号只能印制一次。",
        clause="N1",
        found=f"与印制单 {number}（{serials}）重叠",
        expected="未使用过的编号区间",
        mend="请改用其他编号区间；下错的印制单在到货前可以撤销。",
    )


def require_open_order(number: str, *, cancelled: bool) -> None:
    """Refuses whatever is done with a cancelled order."""
    if cancelled:
        raise Refusal(
            "print_order.cancelled",
            "该印制单已经撤销。",
            clause="N1",
            found=f"{number} 已撤销",
            expected="有效的印制单",
        )


def require_not_printed(printed: Sequence[SerialRange]) -> None:
    """Refuses serials that were counted in before (N1)."""
    if printed:
        raise Refusal(
            "print_run.printed_before",
            "这批编号中有空白证书已经入库，同一编号只能印制一次。",
            clause="N1",
            found=f"{_named(printed)} 已经入库",
            expected="未使用过的编号区间",
            mend="请核对送货单上的起止编号。",
        )


def require_named_once(
    good: Sequence[SerialRange],
    damaged: Sequence[SerialRange],
    missing: Sequence[SerialRange],
) -> list[SerialRange]:
    """All serials of the delivery; refuses one that is named twice, or none at all."""
    everything = merge([*good, *damaged, *missing])
    if not everything:
        raise Refusal(
            "delivery.nothing",
            "清点入库须写明编号。",
            clause="N1",
            found="未填写编号",
            expected="送货单上的编号",
        )
    if count(everything) != count(good) + count(damaged) + count(missing):
        twice = [
            item
            for first, second in ((good, damaged), (good, missing), (damaged, missing))
            for item in difference(first, difference(first, second))
        ]
        raise Refusal(
            "delivery.named_twice",
            "同一编号不能既完好又损坏或缺少。",
            clause="N1",
            found=_named(merge(twice)),
            expected="每个编号只归入一类",
        )
    return everything


def require_ordered(announced: Sequence[SerialRange], ordered: SerialRange) -> None:
    """Refuses serials that the order doesn't name (N1)."""
    strange = difference(announced, [ordered])
    if strange:
        raise Refusal(
            "delivery.not_ordered",
            "这些编号不在印制单上，不能入库。",
            clause="N1",
            found=_named(strange),
            expected=str(ordered),
            mend="请核对送货单；印刷单位多印的空白证书应当退回。",
        )


def require_not_missing_before(again: Sequence[SerialRange]) -> None:
    """Refuses to name as missing what an open case names already."""
    if again:
        raise Refusal(
            "delivery.missing_before",
            "这些编号此前已登记缺少，案卷尚未结案，不必再次登记。",
            clause="N1",
            found=_named(again),
            expected="本次新发现缺少的编号",
            mend="请从“缺少”一栏去掉这些编号。",
        )


def require_short_delivery(number: str, *, short: bool, open_: bool) -> None:
    """Refuses to write off what isn't missing from a delivery, or was settled before."""
    if not (short and open_):
        raise Refusal(
            "short_delivery.not_open",
            "只有未结案的到货短缺才能核销。",
            clause="N1",
            found=f"案卷 {number} " + ("已结案" if short else "不是到货短缺"),
            expected="未结案的到货短缺案卷",
        )


def require_other_officer(opened_by: int | None, closes: int | None) -> None:
    """Whoever named serials as missing doesn't write them off (N18)."""
    if opened_by is not None and opened_by == closes:
        raise Refusal(
            "short_delivery.same_person",
            "登记短缺的人不能核销，须由另一名负责人核销。",
            clause="N18",
            found="登记人与核销人为同一账号",
            expected="另一名负责人",
        )


def require_conclusion(conclusion: str) -> None:
    """A write-off says how it was looked into."""
    if not conclusion.strip():
        raise Refusal(
            "short_delivery.no_conclusion",
            "核销须写明与印刷单位核对的结果。",
            clause="N18",
            found="结论为空",
            expected="核对结果",
        )
