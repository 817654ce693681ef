"""Printed blanks come into the municipal store (N1)."""

from datetime import date

from zhicheng.audit.recording import recorded, retrying
from zhicheng.blanks import ledger
from zhicheng.blanks.models import (
    CustodyState,
    PrintRun,
    Reason,
)
from zhicheng.organizations.guard import Actor, account_of, require
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import (
    SerialRange,
)


@retrying
def record_print_run(
    *,
    actor: Actor,
    grade: str,
    serials: SerialRange,
    received_on: date,
    printer: str = "",
) -> PrintRun:
    """Takes a delivery of printed blanks into the municipal store (N1).

    Raises Refusal when one of the serials was printed before.
    """
    require(actor, Action.PRINT_RUN_RECORD)
    office = Organization.objects.municipal_office()
    with recorded(actor, Action.PRINT_RUN_RECORD) as record:
        source = ledger.custody(office, CustodyState.PRINTER, grade)
        target = ledger.custody(office, CustodyState.STORE, grade)
        ledger.lock([source, target])
        clash = PrintRun.objects.filter(serials__overlap=ledger.as_range(serials)).first()
        if clash is not None:
            raise Refusal(
                "print_run.printed_before",
                "这批编号中有空白证书已经入库，同一编号只能印制一次。",
                clause="N1",
                found=f"与 {ledger.from_range(clash.serials)} 重叠",
                expected="未使用过的编号区间",
                mend="请核对送货单上的起止编号。",
            )
        run = PrintRun.objects.create(
            serials=ledger.as_range(serials),
            grade=grade,
            printer=printer,
            received_on=received_on,
            custody=source,
            recorded_by=account_of(actor),
        )
        ledger.move([serials], source=source, target=target, reason=Reason.DELIVERY, actor=actor)
        record(subject=run, data={"grade": grade, "serials": str(serials), "count": len(serials)})
    return run
