"""Which movements may be taken back, and what to do about the others: pure rules."""

from collections.abc import Mapping, Sequence

from zhicheng.values.refusal import Refusal

CORRECTABLE = frozenset(
    {
        "delivery",
        "damaged",
        "allotment",
        "hand_over",
        "receipt",
        "return_spoiled",
        "return_unused",
        "carry_over",
        "transfer",
    }
)
# What to do instead, by the movement's reason.
INSTEAD: Mapping[str, str] = {
    "filling": "填制错误的，请登记废旧证书，用备用证书重制。",
    "spare": "备用证书已用于重制；填制错误的，请登记废旧证书。",
    "spoilage": "登记有误的废旧证书仍须交回市职改办；请在交回时写明情况。",
    "issue": "已发放的证书不能退回；信息有误的，请办理换发。",
    "exchange": "换取已办结；换出的空白证书请由单位按登记表使用，多余的在办结后交回。",
    "destruction": "已销毁的不能恢复；数量有误的，请另行立案查明。",
    "loss": "请在案卷中登记找回。",
    "found": "请重新报告遗失。",
    "write_off": "确认遗失后又出现的，请按告警处理。",
    "correction": "更正本身有误的，请按正常步骤重新办理。",
}


def require_reason(reason: str) -> None:
    """A correction says why."""
    if not reason.strip():
        raise Refusal(
            "correction.reason_missing",
            "更正流转记录须写明原因。",
            clause="N18",
            found="原因为空",
            expected="更正原因",
        )


def require_correctable(kind: str, label: object) -> None:
    """Refuses to take back what certificates, exchanges or cases depend on."""
    if kind not in CORRECTABLE:
        raise Refusal(
            "correction.others_depend_on_it",
            "这类流转记录已有证书、换取或案卷依据它办理，不能更正。",
            clause="N18",
            found=str(label),
            expected="入库、配发、移交、签收、交回、结转、调剂的记录",
            mend=INSTEAD.get(kind, ""),
        )


def corrected_before(serials: str) -> Refusal:
    """The refusal of a second correction of the same movement."""
    return Refusal(
        "correction.twice",
        "这条流转记录已经更正过，一条记录只能更正一次。",
        clause="N18",
        found=f"{serials} 已更正",
        expected="未更正的记录",
    )


def require_second_person(moved_by: int | None, corrected_by: int | None, serials: str) -> None:
    """Nobody takes back their own movement (N18)."""
    if moved_by is not None and moved_by == corrected_by:
        raise Refusal(
            "correction.same_person",
            "自己办理的流转记录须由另一名负责人更正。",
            clause="N18",
            found=f"{serials} 由本人办理",
            expected="另一名负责人",
        )


def moved_on(serials: str, later: object, later_serials: str) -> Refusal:
    """The refusal when blanks went on since."""
    return Refusal(
        "correction.moved_on",
        "这批空白证书此后又有流转，不能直接更正。",
        clause="N18",
        found=f"{later_serials} 此后办理了{later}",
        expected=f"{serials} 仍在原处",
        mend="请从最后一次流转开始，逐步更正。",
    )


def require_last_step(wanted: object, state: object, fits: bool) -> None:
    """Only the last step of an allotment is taken back."""
    if not fits:
        raise Refusal(
            "correction.not_the_last_step",
            "配发、移交、签收须从最后一步开始更正。",
            clause="N18",
            found=f"目前{state}",
            expected=str(wanted),
            mend="请先更正后面的步骤。",
        )


def require_no_difference(named: Sequence[str]) -> None:
    """A receipt with missing or damaged blanks has opened a case or spoiled some."""
    if named:
        raise Refusal(
            "correction.receipt_with_difference",
            "签收时已登记缺少或损坏，不能整体更正。",
            clause="N18",
            found="、".join(named[:5]),
            expected="没有差异的签收",
            mend="请在案卷中登记找回，或按废旧证书办理。",
        )


def exchanged(serial: str) -> Refusal:
    """The refusal for spoiled blanks that came back in an exchange."""
    return Refusal(
        "correction.exchanged",
        "这批废旧证书已用于换取空白证书，不能更正。",
        clause="N9",
        found=f"{serial} 已换取",
        expected="只交回、未换取的废旧证书",
        mend=INSTEAD["exchange"],
    )


def in_place_of(serial: str, spoiled: str) -> Refusal:
    """The refusal for a transferred blank that has taken a spoiled one's place."""
    return Refusal(
        "correction.in_place",
        "调剂来的备用证书已替换废旧证书，不能更正。",
        clause="N9",
        found=f"{serial} 已替换 {spoiled}",
        expected="尚未使用的备用证书",
        mend="请在登记表办结后处理剩余证书。",
    )
