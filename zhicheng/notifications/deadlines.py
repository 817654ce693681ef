"""Working days for each kind of task, as dated settings; days that are moved (N18)."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhicheng.audit.recording import recorded, retrying
from zhicheng.database import dated
from zhicheng.notifications import rules
from zhicheng.notifications.models_deadlines import MovedDay, TaskDeadline
from zhicheng.organizations.guard import Actor, account_of, require
from zhicheng.organizations.permissions import Action
from zhicheng.values.dated_days import Steps, check_from
from zhicheng.values.refusal import Refusal
from zhicheng.values.working_days import SATURDAY
from zhicheng.web.deadlines import Deadlines

LONGEST = 250
LONGEST_HOLIDAY = 31
# What waits, and for how many working days until the office sets them.
KINDS: Mapping[str, tuple[str | Promise, int]] = {
    "register.endorse": (_("主管部门签章"), 5),
    "register.accept": (_("受理登记表"), 10),
    "register.correct": (_("更正登记表"), 10),
    "register.submit": (_("提交登记表"), 10),
    "allotment.allot": (_("配发空白证书"), 5),
    "allotment.hand_over": (_("移交空白证书"), 10),
    "allotment.receive": (_("签收空白证书"), 3),
    "certificate.fill": (_("填制证书"), 10),
    "certificate.seal": (_("加盖公章"), 3),
    "certificate.emboss": (_("加盖钢印"), 5),
    "certificate.issue": (_("发放证书"), 30),
    "signature_list.attach": (_("上传已签领取签收表"), 10),
    "slip.send": (_("送出移交单"), 3),
    "slip.receive": (_("签收移交单"), 2),
    "slip.return": (_("退回移交单"), 5),
    "slip.take_back": (_("领回证书"), 3),
    "print_job.confirm": (_("确认打印结果"), 2),
    "spoiled.exchange": (_("换取空白证书"), 5),
    "loss.replace": (_("补发空白证书"), 5),
    "left_over.dispose": (_("处理剩余证书"), 30),
    "destruction.confirm": (_("监督销毁"), 10),
    "alarm.acknowledge": (_("处理失控证书警报"), 1),
    "case.close": (_("案卷结案"), 30),
    "stocktake.counting": (_("完成盘点"), 5),
    "stocktake.finished": (_("监盘确认"), 3),
    "electronic.make": (_("生成电子证书"), 3),
    "approval.scan": (_("上传核准文件扫描件"), 10),
    "layout.put_in_use": (_("启用套打版式"), 10),
    "order.deliver": (_("印制单到齐"), 30),
    "self_issued.accept": (_("收录自主发放证书"), 10),
    "self_issued.correct": (_("更正自主发放证书报送"), 10),
    "historic.check": (_("核对历史证书登记"), 10),
    "historic.accept": (_("审核历史证书登记"), 10),
    "historic.certify": (_("生成历史证书的电子证书"), 5),
    "ledger.import": (_("导入历史台账"), 10),
    "conflict.decide": (_("认定来源冲突"), 10),
    "enumeration.acknowledge": (_("处理查询枚举预警"), 1),
    "anomaly.look_into": (_("办理异常线索"), 10),
    "inquiry.close": (_("核查案卷结案"), 60),
}


def in_force(day: date) -> dict[str, int]:
    """The working days of every kind in force on ``day``."""
    return {kind: steps[-1][1] for kind, steps in steps_upto(day).items()}


def steps_upto(day: date) -> dict[str, Steps]:
    """Of every kind from which day on how many working days, up to ``day``."""
    unset = {kind: days for kind, (_label, days) in KINDS.items()}
    return dated.steps_upto(TaskDeadline, "kind", unset, day)


def history(most: int) -> list[tuple[TaskDeadline, bool]]:
    """What was set, the latest day first, and whether a later setting took its place."""
    return dated.history(TaskDeadline, "kind", most)


def moved_days(first: date, last: date) -> dict[date, bool]:
    """Holidays (False) and worked weekends (True) between two days."""
    return dict(MovedDay.objects.filter(day__range=(first, last)).values_list("day", "works"))


def deadlines_on(day: date) -> Deadlines:
    """What the first page needs, in two statements."""
    around = timedelta(days=500)
    return Deadlines(steps_upto(day), moved_days(day - around, day + around))


@retrying
def set_deadline(*, actor: Actor, kind: str, valid_from: date, days: int) -> TaskDeadline:
    """Sets a kind's working days from a day on that isn't past; all that was set stays on record.

    Raises Refusal for a figure out of range or a past day: whoever could date a longer time back
    would make a delay unseen.
    """
    require(actor, Action.TASK_DEADLINE_SET)
    if kind not in KINDS or not 1 <= days <= LONGEST:
        raise Refusal(
            "task_deadline.out_of_range",
            "办理时限应为 1 至 250 个工作日。",
            clause="N18",
            found=f"{days} 个工作日",
            expected="例如 5 个工作日",
        )
    check_from(valid_from, timezone.localdate(), "task_deadline.past")
    with recorded(actor, Action.TASK_DEADLINE_SET) as record:
        deadline = TaskDeadline.objects.create(
            kind=kind, valid_from=valid_from, days=days, set_by=account_of(actor)
        )
        record(
            subject=deadline,
            data={"kind": kind, "valid_from": valid_from.isoformat(), "days": days},
        )
    return deadline


@retrying
def move_days(*, actor: Actor, first: date, last: date, works: bool, note: str = "") -> int:
    """Names the days off among weekdays, or the weekend days on which people work.

    Days of the range that are so by themselves stay out: a holiday's weekend is free already.
    Raises Refusal for a range that is none, or that begins on a past day.
    """
    require(actor, Action.WORKDAY_MOVE)
    span = (last - first).days + 1
    if not 1 <= span <= LONGEST_HOLIDAY:
        raise Refusal(
            "workday.range",
            "起止日期不正确。",
            clause="N18",
            found=f"{span} 天",
            expected=f"1 至 {LONGEST_HOLIDAY} 天",
        )
    rules.check_moved_from(first, timezone.localdate())
    days = [first + timedelta(days=number) for number in range(span)]
    moved = [day for day in days if (day.weekday() >= SATURDAY) == works]
    with recorded(actor, Action.WORKDAY_MOVE) as record:
        before = _taken_back(first, last)
        MovedDay.objects.bulk_create(
            MovedDay(day=day, works=works, note=note[:40], set_by=account_of(actor))
            for day in moved
        )
        record(
            data={
                "first": first.isoformat(),
                "last": last.isoformat(),
                "works": works,
                "note": note[:40],
                "before": before,
            }
        )
    return len(moved)


@retrying
def unmove_day(*, actor: Actor, day: date) -> int:
    """The day is again what its weekday says; raises Refusal for a past one."""
    require(actor, Action.WORKDAY_MOVE)
    rules.check_moved_from(day, timezone.localdate())
    with recorded(actor, Action.WORKDAY_MOVE) as record:
        before = _taken_back(day, day)
        record(data={"day": day.isoformat(), "works": None, "before": before})
    return len(before)


def _taken_back(first: date, last: date) -> dict[str, bool]:
    """Removes what was entered for these days; gives it, for the record."""
    rows = MovedDay.objects.filter(day__range=(first, last))
    before = {day.isoformat(): works for day, works in rows.values_list("day", "works")}
    rows.delete()
    return before
