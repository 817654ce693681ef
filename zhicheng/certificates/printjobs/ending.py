"""The end of a print job: what came out well, what is spoiled, what is printed again (N9)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from zhicheng.audit.recording import Recorder, recorded, retrying
from zhicheng.blanks.models import Spoilage, SpoilReason
from zhicheng.certificates.actions import TABLE
from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.certificates.owners import Owner, owner
from zhicheng.certificates.printjobs import rules
from zhicheng.certificates.printjobs.lifecycle import PRINT_JOB
from zhicheng.certificates.printjobs.models import (
    JobState,
    PageState,
    PrintJob,
    PrintPage,
    PrintPortion,
)
from zhicheng.certificates.printjobs.preparing import locked
from zhicheng.certificates.printjobs.starting import create
from zhicheng.certificates.spoilage import spoil
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange, ranges_of


@dataclass
class Outcome:
    """What came of a job: pages that are good, spoiled blanks, and the jobs that follow."""

    good: int
    spoiled: list[Spoilage] = field(default_factory=list)
    again: int = 0
    followers: list[PrintJob] = field(default_factory=list)

    @property
    def due(self) -> list[Spoilage]:
        """Spoiled blanks without a spare: they wait for an exchange."""
        return [item for item in self.spoiled if item.needs_blank]


def printed_portions(job: PrintJob) -> list[list[int]]:
    """The waiting serials of each portion whose file went out, in the order of printing."""
    found: dict[int, list[int]] = {}
    for portion, serial in (
        PrintPage.objects.filter(job=job, state=PageState.WAITING, portion__handed_out__gt=0)
        .order_by("portion__number", "serial")
        .values_list("portion", "serial")
    ):
        found.setdefault(portion, []).append(serial)
    return list(found.values())


@retrying
def confirm(
    *,
    actor: Account,
    job_id: int,
    serials: Sequence[SerialRange] = (),
    serial_from: int | None = None,
    unprinted: Sequence[SerialRange] = (),
    reason: str = SpoilReason.MISPRINT,
    note: str = "",
    rest_later: bool = False,
) -> Outcome:
    """Says what came out of the printer; everything that isn't named is good.

    ``serials`` are misprints, ``serial_from`` a sheet from which on all of its tray are wrong:
    they become spoiled, spares take their places. ``unprinted`` blanks came out empty and stay in
    use. Both, and with ``rest_later`` what never went into the tray, go into a job that follows.
    All in one transaction.
    """
    with recorded(actor, Action.PRINT_JOB_CONFIRM) as record:
        whose = _owner_of(job_id)
        job = locked(job_id)
        require(actor, Action.PRINT_JOB_CONFIRM, job)
        if job.is_open and not _handed_out(job):
            raise Refusal(
                "printing.nothing_printed",
                "还没有打印，不能确认结果。",
                clause="N8",
                found=job.get_state_display(),
                expected="确认过纸盒首张编号、取用过打印文件",
                mend="不打印的，请取消任务。",
            )
        PRINT_JOB.target(Action.PRINT_JOB_CONFIRM, job.state)
        portions = printed_portions(job)
        printed = {serial for portion in portions for serial in portion}
        wrong = rules.printed_ones(serials, printed)
        if serial_from is not None:
            wrong |= set(rules.from_on(portions, serial_from))
        empty = rules.printed_ones(unprinted, printed, what="没有印的")
        rules.require_apart(wrong, empty)
        _require_unsealed(empty)
        rest = set(_waiting(job)) - printed
        if rest and not rest_later:
            raise Refusal(
                "printing.portions_left",
                "还有没打印的页，不能全部确认。",
                clause="N8",
                found=f"{len(rest)} 页：{rules.describe(rest)}",
                expected="各批都已打印",
                mend="请接着装纸打印；不再接着打的，选“其余转入后续任务”。",
            )
        outcome = Outcome(good=len(printed) - len(wrong) - len(empty))
        if wrong:
            outcome.spoiled = spoil(
                actor=actor,
                register_id=whose.register.pk if whose.register else None,
                reissue=whose.reissue,
                serials=sorted(wrong),
                reason=reason,
                note=note,
            )
        again = _settle(job, outcome, empty | rest)
        _end(job, actor, JobState.CONFIRMED)
        _record(record, job, outcome, wrong, empty, rest)
        if again:
            outcome.again = len(again)
            outcome.followers = create(
                whose,
                again,
                actor=actor,
                record=record,
                grade=job.grade,
                printer=job.printer if job.printer and job.printer.active else None,
                portion_size=job.portion_size,
                address=job.address,
                follows=job,
            )
    return outcome


def _handed_out(job: PrintJob) -> bool:
    return PrintPortion.objects.filter(job=job, handed_out__gt=0).exists()


def _require_unsealed(empty: set[int]) -> None:
    """Refuses a sealed certificate as unprinted: no job could print it again (N8)."""
    sealed = (
        Certificate.objects.filter(blank_serial__in=empty)
        .exclude(state=CertificateState.FILLED)
        .values_list("blank_serial", flat=True)
    )
    if found := [serial for serial in sealed if serial is not None]:
        raise Refusal(
            "printing.unprinted_but_sealed",
            "有的证书已登记公章，不能再登记为没有印上内容。",
            clause="N8",
            found=rules.describe(found),
            expected="未盖公章的证书",
            mend="请核对编号；盖了章而没有内容的，填入错制编号，作废后在备用证书上重新打印。",
        )


def _owner_of(job_id: int) -> Owner:
    """Locks the register or reissue first, as every step of the path does."""
    register, reissue = PrintJob.objects.values_list("register", "reissue").get(pk=job_id)
    return owner(register_id=register, reissue=reissue)


def _waiting(job: PrintJob) -> list[int]:
    return list(
        PrintPage.objects.filter(job=job, state=PageState.WAITING).values_list("serial", flat=True)
    )


def _settle(job: PrintJob, outcome: Outcome, unprinted: set[int]) -> list[tuple[int, int]]:
    """Every page gets its end; gives (certificate, blank) of what has to be printed again.

    The spoiled pages are settled already: the database does it as their blanks leave.
    """
    waiting = PrintPage.objects.filter(job=job, state=PageState.WAITING)
    waiting.filter(serial__in=unprinted).update(state=PageState.UNPRINTED)
    waiting.update(state=PageState.GOOD)
    blanks = unprinted | {item.replaced_by for item in outcome.spoiled if item.replaced_by}
    found = Certificate.objects.filter(blank_serial__in=blanks, state=CertificateState.FILLED)
    return [
        (pk, serial)
        for pk, serial in found.order_by("blank_serial").values_list("pk", "blank_serial")
        if serial is not None
    ]


def _end(job: PrintJob, actor: Account, state: JobState) -> None:
    """The files go with the job (personal data)."""
    PrintPortion.objects.filter(job=job).exclude(content=None).update(content=None)
    job.state, job.ended_at, job.ended_by = state, timezone.now(), actor
    job.save(update_fields=["state", "loaded_at", "ended_at", "ended_by"])


def _record(
    record: Recorder,
    job: PrintJob,
    outcome: Outcome,
    wrong: set[int],
    empty: set[int],
    rest: set[int],
) -> None:
    record(
        subject=job,
        tag=Action.PRINT_JOB_CONFIRM,
        data={
            "job": job.number,
            "good": outcome.good,
            "spoiled": [str(item) for item in ranges_of(wrong)],
            "unprinted": [str(item) for item in ranges_of(empty | rest)],
        },
        rows=TABLE,
        ids=list(
            PrintPage.objects.filter(job=job)
            .order_by("certificate")
            .values_list("certificate", flat=True)
        ),
    )


@retrying
def cancel(*, actor: Account, job_id: int) -> PrintJob:
    """Ends a job of which no file went out; its certificates can be printed anew."""
    with recorded(actor, Action.PRINT_JOB_CANCEL) as record:
        _owner_of(job_id)
        job = locked(job_id)
        require(actor, Action.PRINT_JOB_CANCEL, job)
        if job.is_open and _handed_out(job):
            raise Refusal(
                "printing.already_printed",
                "已经取用打印文件的任务不能取消。",
                clause="N8",
                found=job.get_state_display(),
                expected="还没有取用打印文件的任务",
                mend="请确认打印结果：没有印上内容的填入“没有印”，印错的填入错制编号。",
            )
        PRINT_JOB.target(Action.PRINT_JOB_CANCEL, job.state)
        count = PrintPage.objects.filter(job=job, state=PageState.WAITING).update(
            state=PageState.CANCELLED
        )
        PrintPortion.objects.filter(job=job).update(loaded_at=None, loaded_by=None)
        job.loaded_at = None  # a tray that was confirmed and not printed counts for nothing
        _end(job, actor, JobState.CANCELLED)
        record(subject=job, data={"job": job.number, "count": count})
    return job
