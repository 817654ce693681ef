"""Starts print jobs: which certificates on which blanks, by which layout and printer (N6, N8)."""

from collections.abc import Iterator, Sequence

from django.utils import timezone

from zhicheng.audit.recording import Recorder, recorded, retrying
from zhicheng.blanks.queries.editions import editions_of
from zhicheng.bulk import copy_rows, new_ids
from zhicheng.certificates import rules as path_rules
from zhicheng.certificates.actions import TABLE, compare_with_approvals
from zhicheng.certificates.models import CertificateState
from zhicheng.certificates.owners import Owner, owner
from zhicheng.certificates.printjobs import rules
from zhicheng.certificates.printjobs.background import ask_prepare
from zhicheng.certificates.printjobs.models import (
    JobState,
    PageState,
    PrintJob,
    PrintPage,
    PrintPortion,
)
from zhicheng.layouts.models import Printer
from zhicheng.layouts.queries import layout_for
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.values.refusal import Conflict, Refusal
from zhicheng.values.serials import ranges_of
from zhicheng.web.language import in_chinese

# A page that waits or came out well: the blank isn't printed again.
TAKEN = (PageState.WAITING, PageState.GOOD)


@retrying
def start(
    *,
    actor: Account,
    register_id: int | None = None,
    reissue: int | None = None,
    grade: str,
    certificate_ids: Sequence[int] | None = None,
    printer_id: int | None = None,
    portion_size: int = rules.PORTION,
    address: str = "",
) -> list[PrintJob]:
    """Starts the printing of a grade: a job for each edition of blanks, made by the worker.

    ``certificate_ids`` None means all that are filled in and not printed yet; named ones are all
    taken or none. ``address`` is where the public query lives, for the codes (empty: none). The
    approval document is compared once more.
    """
    with recorded(actor, Action.PRINT_JOB_START) as record:
        whose = owner(register_id=register_id, reissue=reissue)
        require(actor, Action.PRINT_JOB_START, whose)
        rules.require_portion_size(portion_size)
        if grade not in Grade.values:
            raise Refusal(
                "certificate.grade_missing",
                "不同等级的空白证书版式不同，请按等级打印。",
                clause="N8",
                expected="、".join(str(label) for label in Grade.labels),
            )
        printer = _printer(whose, printer_id)
        if whose.register is not None:
            compare_with_approvals(whose.register)
        chosen = _chosen(whose, grade, certificate_ids)
        jobs = create(
            whose,
            chosen,
            actor=actor,
            record=record,
            grade=grade,
            printer=printer,
            portion_size=portion_size,
            address=address,
        )
    return jobs


def _printer(whose: Owner, printer_id: int | None) -> Printer | None:
    if printer_id is None:
        return None
    printer = (
        Printer.objects.filter(pk=printer_id, organization=whose.unit, active=True)
        .select_related("current")
        .first()
    )
    if printer is None:
        raise Refusal(
            "printing.printer_unknown",
            "所选打印机不是本单位在用的打印机。",
            clause="N8",
            expected="本单位登记、在用的打印机",
            mend="请刷新页面后重新选择。",
        )
    return printer


def _chosen(
    whose: Owner, grade: str, certificate_ids: Sequence[int] | None
) -> list[tuple[int, int]]:
    """(id, serial) of the certificates to print, locked by their owner."""
    certificates = whose.certificates().filter(grade=grade)
    waits_for = "已填制、未打印"
    if certificate_ids is None:
        found = [
            (item.pk, item.blank_serial or 0)
            for item in certificates.filter(state=CertificateState.FILLED).only("blank_serial")
        ]
        taken = _taken([serial for _pk, serial in found])
        found = [item for item in found if item[1] not in taken]
        path_rules.require_something(len(found), step="打印", wanted_label=waits_for)
        return found
    named = list(certificates.filter(pk__in=list(certificate_ids)))
    path_rules.require_something(len(named), step="打印", wanted_label=waits_for)
    if len(named) != len(set(certificate_ids)):
        raise Refusal(
            "printing.other_grade",
            "所选证书中有的不是这个等级或不属于这一批，没有建立打印任务。",
            clause="N8",
            found=f"其中 {len(named)} 本可以打印",
            expected=f"所选 {len(set(certificate_ids))} 本都是{Grade(grade).label}",
            mend="请按等级分别选择。",
        )
    path_rules.require_state(
        [path_rules.Selected(c.number, c.state, c.get_state_display()) for c in named],
        frozenset({CertificateState.FILLED.value}),
        step="打印",
        wanted_label=waits_for,
    )
    taken = _taken([item.blank_serial or 0 for item in named])
    if taken:
        _refuse_taken(taken)
    return [(item.pk, item.blank_serial or 0) for item in named]


def _taken(serials: Sequence[int]) -> dict[int, PrintPage]:
    return {
        page.serial: page
        for page in PrintPage.objects.filter(serial__in=serials, state__in=TAKEN)
        .select_related("job")
        .defer("code")
    }


def _refuse_taken(taken: dict[int, PrintPage]) -> None:
    """Names what is in an open job, or was printed well: a second print needs a new blank."""
    waiting = [serial for serial, page in taken.items() if page.state == PageState.WAITING]
    if waiting:
        job = taken[min(waiting)].job
        raise Conflict(
            "printing.in_open_job",
            "所选证书中有的已在进行中的打印任务里，没有再建立任务。",
            clause="N8",
            found=f"{rules.describe(waiting)} 在任务 {job.number} 中",
            expected="同一本证书同时只在一个打印任务中",
            mend="请先办完或取消该任务。",
        )
    raise Refusal(
        "printing.printed_before",
        "所选证书中有的已打印并确认完好，不能在同一本上再印。",
        clause="N9",
        found=rules.describe(taken),
        expected="未打印的证书",
        mend="印错的请登记废旧证书，在备用证书上重新打印。",
    )


def create(
    whose: Owner,
    certificates: Sequence[tuple[int, int]],
    *,
    actor: Account,
    record: Recorder,
    grade: str,
    printer: Printer | None,
    portion_size: int,
    address: str,
    follows: PrintJob | None = None,
) -> list[PrintJob]:
    """Writes a job for each edition of the blanks and asks the worker for its files.

    Within the caller's transaction, which holds the owner; one audit event for each job.
    """
    by_serial = {serial: pk for pk, serial in certificates}
    jobs = []
    for edition, serials in _by_edition(sorted(by_serial)):
        layout = in_chinese(layout_for)(grade, edition)  # its name goes on record
        (pk,) = new_ids(PrintJob, 1)
        job = PrintJob.objects.create(
            pk=pk,
            number=f"DY{timezone.localdate().year}-{pk:05d}",
            organization=whose.unit,
            **whose.purpose,
            grade=grade,
            edition=edition,
            layout_id=layout.version_id,
            layout_label=layout.label,
            printer=printer,
            calibration=printer.current if printer else None,
            address=address[:200],
            pages_count=len(serials),
            portion_size=portion_size,
            state=JobState.PREPARING,
            follows=follows,
            started_by=actor,
        )
        portions = write_portions(job, rules.cut(serials, portion_size), first_number=1)
        copy_rows(
            PrintPage,
            ("job_id", "portion_id", "certificate_id", "serial", "state", "code", "signing_key"),
            (
                (job.pk, portion.pk, by_serial[serial], serial, PageState.WAITING.value, "", "")
                for portion, part in portions
                for serial in part
            ),
        )
        job.asked = ask_prepare(actor, job).token
        job.save(update_fields=["asked"])
        record(
            subject=job,
            tag=Action.PRINT_JOB_START,
            data={
                "job": job.number,
                "of": whose.label,
                "grade": grade,
                "edition": edition,
                "layout": layout.label,
                "printer": printer.name if printer else "",
                "count": len(serials),
                "serials": [str(item) for item in ranges_of(serials)],
                **({"follows": follows.number} if follows else {}),
            },
            rows=TABLE,
            ids=[by_serial[serial] for serial in serials],
        )
        jobs.append(job)
    return jobs


def _by_edition(serials: Sequence[int]) -> Iterator[tuple[int | None, list[int]]]:
    """The serials by the year of their blanks; those of an unknown year first."""
    year_of = {
        serial: year
        for year, ranges in editions_of(ranges_of(serials)).items()
        for item in ranges
        for serial in range(item.first, item.last + 1)
    }
    unknown = [serial for serial in serials if serial not in year_of]
    if unknown:
        yield None, unknown
    for year in sorted(set(year_of.values())):
        yield year, [serial for serial in serials if year_of.get(serial) == year]


def write_portions(
    job: PrintJob, parts: Sequence[Sequence[int]], *, first_number: int
) -> list[tuple[PrintPortion, Sequence[int]]]:
    """The rows of the tray portions, with the serials of each."""
    made = PrintPortion.objects.bulk_create(
        PrintPortion(
            job=job,
            number=number,
            serials=[str(item) for item in ranges_of(part)],
            count=len(part),
        )
        for number, part in enumerate(parts, start=first_number)
    )
    return list(zip(made, parts, strict=True))
