"""What may be said of lost blanks and of counts: pure, like ``rules`` (N9, N18)."""

from collections.abc import Mapping, Sequence

from zhicheng.blanks.rules import difference
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange, count, merge

# By which outcomes a case of each kind may end while nothing of it is lost any more.
OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "loss": ("found", "written_off"),
    "short_delivery": ("made_good", "counted_wrong", "explained"),
    "receipt_difference": ("counted_wrong", "made_good", "explained"),
    "stock_shortage": ("found", "written_off", "counted_wrong"),
    "stock_surplus": ("counted_wrong", "explained"),
    "sighting": ("explained",),
}
# Cases whose blanks moved into loss when they were opened.
KINDS_OF_LOSS = ("loss", "receipt_difference", "stock_shortage")
# What may happen to blanks that are lost, whatever the kind of their case.
OF_LOST = ("found", "written_off", "counted_wrong")
RETURNED = ("found", "counted_wrong")
BACK, STORE, SPOILED = "back", "store", "spoiled"
PLACES = (BACK, STORE, SPOILED)
WRITTEN_ON = ("filling", "spoiled", "returned_spoiled")


class SerialBlocked(Refusal):
    """A lost or written-off blank was named; ``serials`` are these, of the case ``number``."""

    def __init__(self, serials: Sequence[SerialRange], number: str, state_label: str) -> None:
        named = "、".join(str(item) for item in merge(serials)[:5])
        super().__init__(
            "blanks.blocked",
            f"空白证书 {named} 已被封控，不能办理；这次出现已报警。",
            clause="N18",
            found=f"{named} {state_label}，案卷 {number}",
            expected="在册、未失控的空白证书",
            mend="请扣下实物，不要使用，立即联系市职改办。",
        )
        self.serials = tuple(merge(serials))


def common(left: Sequence[SerialRange], right: Sequence[SerialRange]) -> list[SerialRange]:
    """The serials in both."""
    return difference(left, difference(left, right))


def union(left: Sequence[SerialRange], right: Sequence[SerialRange]) -> list[SerialRange]:
    """The serials in either."""
    return merge([*left, *right])


def require_serials(serials: Sequence[SerialRange], note: str) -> None:
    """A report names serials and says what happened."""
    if not serials or not note.strip():
        raise Refusal(
            "loss.incomplete",
            "报告遗失须写明空白证书编号和情况。",
            clause="N18",
            found="编号或情况为空",
            expected="编号、何时何地如何发现遗失",
        )


def require_custodian(missing: Sequence[SerialRange], organization: str) -> None:
    """Only who keeps blanks reports them lost; ``missing`` are those that others keep."""
    if missing:
        raise Refusal(
            "loss.not_the_custodian",
            "只能由保管单位报告遗失；已发放、已销毁或不在本单位保管的不能在此报告。",
            clause="N18",
            found="、".join(str(item) for item in missing[:5]),
            expected=f"{organization}现在保管的空白证书",
            mend="请核对编号；由他人保管的请通知保管单位报告。已发放的证书遗失，由持证人申请补办。",
        )


def require_open(outcome: str, number: str) -> None:
    """What was closed stays closed."""
    if outcome:
        raise Refusal(
            "case.closed",
            "该案卷已经结案。",
            clause="N18",
            found=f"{number} 已结案",
            expected="调查中的案卷",
        )


def require_second_person(opened_by: int | None, closing: int) -> None:
    """Who opened a case doesn't judge it (N18)."""
    if opened_by == closing:
        raise Refusal(
            "case.same_person",
            "立案人不能自己结案，须由另一人处理。",
            clause="N18",
            found="立案人与结案人为同一账号",
            expected="另一名负责人",
        )


def require_outcome(kind: str, outcome: str, labels: Mapping[str, str], *, lost: bool) -> None:
    """An outcome that fits the kind of the case and what is still lost of it."""
    allowed = OF_LOST if lost else OUTCOMES[kind]
    if outcome not in allowed:
        raise Refusal(
            "case.outcome_unfit",
            "这个结果不适用于该案卷。",
            clause="N18",
            found=labels.get(outcome, outcome or "未选择"),
            expected="、".join(labels[item] for item in allowed),
        )


def require_nothing_at_the_printer(waiting: Sequence[SerialRange]) -> None:
    """A short delivery is closed when all of it came or was written off, and not before (N1)."""
    if waiting:
        raise Refusal(
            "case.still_at_the_printer",
            "到货短缺的编号还没有到货，也没有核销，不能结案。",
            clause="N1",
            found="、".join(str(item) for item in waiting[:5]) + " 仍在印刷厂",
            expected="全部到货入库，或已核销",
            mend="请在印制单上清点入库，或核销缺少的编号。",
        )


def require_conclusion(text: str) -> None:
    """An outcome is explained."""
    if not text.strip():
        raise Refusal(
            "case.conclusion_missing",
            "须写明结论。",
            clause="N18",
            found="结论为空",
            expected="查明的情况和依据",
        )


def require_of_case(
    serials: Sequence[SerialRange], lost: Sequence[SerialRange], number: str
) -> None:
    """Only what is still lost of the case can be settled."""
    strange = difference(serials, lost)
    if strange or not serials:
        raise Refusal(
            "case.serial_not_lost",
            "只能处理该案卷中尚未查明的编号。",
            clause="N18",
            found="、".join(str(item) for item in strange[:5]) or "未指定编号",
            expected="、".join(str(item) for item in lost[:5]) or f"{number} 已全部查明",
        )


def require_place(place: str, states: Sequence[str]) -> None:
    """A blank that bears writing never goes to the store as if it were new."""
    if place not in PLACES:
        raise Refusal("case.place_unknown", "请选择找回后的去向。", found=place, expected="原处")
    written = [state for state in states if state in WRITTEN_ON]
    if place == STORE and written:
        raise Refusal(
            "case.written_on",
            "已填制过或已作废的证书找回后只能作为废旧证书，不能回到库存。",
            clause="N9",
            found="遗失前已填制或已作废",
            expected="未填制过的空白证书",
            mend="请选择放回原处或作为废旧证书。",
        )


def combined(outcomes: Sequence[str]) -> str:
    """The outcome of a case from those of its parts."""
    kinds = set(outcomes)
    if "written_off" in kinds and len(kinds) > 1:
        return "partly_found"
    if kinds == set(RETURNED):
        return "found"
    return outcomes[-1]


def replaceable(*, people: int, at_work: int, due: int, gone: int, replaced: int) -> int:
    """How many new blanks lost ones may bring that don't come back (N5, N9, invariant 6).

    Never more than are gone for the register and not replaced yet, and only for people who have
    neither a blank nor a spoiled one to exchange.
    """
    return max(0, min(gone - replaced, people - at_work - due))


def require_replaceable(number: int, *, gone: int) -> None:
    """Refuses new blanks for a loss that spares have covered."""
    if number <= 0:
        raise Refusal(
            "replacement.not_needed",
            "遗失作废的空白证书已由备用证书或已补发的证书代替，不再补发。",
            clause="N9",
            found=f"确认遗失或找回后入库 {gone} 本，没有人员缺空白证书",
            expected="确认遗失或找回后入库，仍有人员没有空白证书可用",
        )


def stocktake_differences(
    before: Sequence[SerialRange], now: Sequence[SerialRange], counted: Sequence[SerialRange]
) -> tuple[list[SerialRange], list[SerialRange], list[SerialRange]]:
    """(missing, surplus, moved) of a count.

    ``before`` is what the books said when it began, ``now`` when it ended. What moved meanwhile
    may have been counted or not: it is neither missing nor surplus.
    """
    stayed = common(before, now)
    either = union(before, now)
    return difference(stayed, counted), difference(counted, either), difference(either, stayed)


def require_own_count(organization: int, counting: int) -> None:
    """A custodian counts what it keeps itself."""
    if organization != counting:
        raise Refusal(
            "stocktake.not_the_custodian",
            "盘点由保管单位自己的人员进行。",
            clause="N18",
            found="其他单位的盘点",
            expected="本单位的盘点",
        )


def require_stocktake_state(state: str, wanted: str, labels: Mapping[str, str]) -> None:
    """A count goes from one step to the next."""
    if state != wanted:
        raise Refusal(
            "stocktake.wrong_state",
            "该盘点现在不能办理这一步。",
            clause="N18",
            found=labels[state],
            expected=labels[wanted],
            mend="请刷新页面。",
        )


def require_something_to_count(expected: Sequence[SerialRange]) -> None:
    """Counting nothing is no count."""
    if count(expected) == 0:
        raise Refusal(
            "stocktake.nothing_held",
            "所选范围内账面上没有空白证书，无须盘点。",
            clause="N18",
            found="账面 0 本",
            expected="至少 1 本",
        )


def require_other_confirms(finished_by: int | None, confirming: int) -> None:
    """A second person confirms a count (N18)."""
    if finished_by == confirming:
        raise Refusal(
            "stocktake.same_person",
            "盘点须由第二人监盘确认。",
            clause="N18",
            found="盘点人与监盘人为同一账号",
            expected="本单位另一名负责人",
        )


def require_nothing_moved_since(moved: Sequence[SerialRange]) -> None:
    """What was missing at the end must still be in the books when it is confirmed."""
    if moved:
        raise Refusal(
            "stocktake.moved_since",
            "盘完后短缺的空白证书又有流转，差异已经变化。",
            clause="N18",
            found="、".join(str(item) for item in moved[:5]),
            expected="盘完至确认之间短缺的编号没有流转",
            mend="请退回继续盘点，重新盘完后再确认。",
        )
