"""What goes wrong in the made-up city: lost blanks, one that turns up, and counts (N18)."""

from contextlib import suppress

from zhicheng.blanks import actions, alarms, investigations, stocktaking
from zhicheng.blanks.case_rules import SerialBlocked
from zhicheng.blanks.models import Channel, Spoilage
from zhicheng.demo.city import City
from zhicheng.demo.clock import Course
from zhicheng.reference.models import Grade
from zhicheng.values.serials import SerialRange

DAMAGED = SerialRange(15218, 15218)  # torn when it came from the printer
STOLEN = SerialRange(41991, 41995)
SEEN = SerialRange(41993, 41993)


def tell_incidents(city: City) -> Course:
    """A destruction, a loss with an alarm, one that ended, finished counts, a running one."""
    clerk, officer = city.accounts["office.clerk"], city.accounts["office.officer"]
    ago = city.days.ago
    yield ago(34, 9, 30)
    # One spoiled blank was handed in and waits; the torn one was destroyed by two people.
    spoiled = Spoilage.objects.filter(grade=Grade.SENIOR, register__isnull=False).earliest("pk")
    assert spoiled.register_id is not None
    actions.return_spoiled(
        actor=officer,
        register_id=spoiled.register_id,
        grade=spoiled.grade,
        returned=[SerialRange(spoiled.serial, spoiled.serial)],
    )
    yield ago(28, 10)
    (ended,) = investigations.report_loss(
        actor=clerk, serials=[SerialRange(41989, 41990)], note="移库时少两本初级空白证书。"
    )
    yield ago(25, 11, 30)
    investigations.settle_case(
        actor=officer,
        case_id=ended.pk,
        outcome="found",
        conclusion="移库时夹在旧档案盒内，已找到，编号无误。",
    )
    yield ago(20, 14)
    own = city.accounts["health.clerk"]
    count = stocktaking.start_stocktake(actor=own, grade=Grade.INTERMEDIATE)
    stocktaking.count_serials(
        actor=own, stocktake_id=count.pk, serials=stocktaking.expected_in(count)
    )
    stocktaking.finish_stocktake(actor=own, stocktake_id=count.pk)
    yield ago(19, 15)
    stocktaking.confirm_stocktake(actor=city.accounts["health.officer"], stocktake_id=count.pk)
    yield ago(18, 9)
    counts = []
    for grade in Grade.values:
        count = stocktaking.start_stocktake(actor=clerk, grade=grade)
        stocktaking.count_serials(
            actor=clerk, stocktake_id=count.pk, serials=stocktaking.expected_in(count)
        )
        counts.append(count.pk)
    yield ago(18, 15, 40)
    for pk in counts:
        stocktaking.finish_stocktake(actor=clerk, stocktake_id=pk)
    yield ago(17, 10)
    for pk in counts:
        stocktaking.confirm_stocktake(actor=officer, stocktake_id=pk)
    yield ago(13, 11)
    torn = actions.propose_destruction(actor=clerk, grade=Grade.SENIOR, serials=[DAMAGED])
    yield ago(12, 15)
    actions.confirm_destruction(actor=officer, destruction_id=torn.pk)
    yield ago(11, 16, 30)
    (open_case,) = investigations.report_loss(
        actor=clerk,
        serials=[STOLEN],
        note="库房搬运后清点，一捆初级空白证书少五本，已封存现场、报告分管领导。",
    )
    yield ago(10, 9, 20)
    investigations.add_entry(
        actor=clerk, case_id=open_case.pk, text="调看库房监控，搬运当日有外来人员协助，已登记身份。"
    )
    yield ago(1, 14, 10)
    # The clerk is told so; the alarm waits for the office.
    with suppress(SerialBlocked):
        alarms.refuse_blocked(
            city.accounts["health.clerk"], [SEEN], channel=Channel.SCAN, attempted="证书办理"
        )
    yield ago(2, 10)
    running = stocktaking.start_stocktake(
        actor=city.accounts["heavy.clerk"], grade=Grade.INTERMEDIATE
    )
    # Half of it is counted; the rest is left to whoever looks around.
    first = stocktaking.expected_in(running)[0].first
    stocktaking.count_serials(
        actor=city.accounts["heavy.clerk"],
        stocktake_id=running.pk,
        serials=[SerialRange(first, first + 11)],
    )
