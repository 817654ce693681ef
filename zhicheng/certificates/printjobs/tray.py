"""The tray: its first serial is confirmed, then the portion's file goes out (N8, N18)."""

import hashlib
from dataclasses import dataclass

from django.db import connection
from django.db.models import F
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.certificates.actions import TABLE
from zhicheng.certificates.printjobs import rules
from zhicheng.certificates.printjobs.background import ask_prepare
from zhicheng.certificates.printjobs.lifecycle import PRINT_JOB
from zhicheng.certificates.printjobs.models import PageState, PrintJob, PrintPage, PrintPortion
from zhicheng.certificates.printjobs.preparing import locked
from zhicheng.certificates.printjobs.starting import write_portions
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.protection import reveal_bytes
from zhicheng.values.refusal import Conflict, Refusal
from zhicheng.values.serials import format_serial

_ABOVE_ALL = 1_000_000  # added to the numbers of portions that are about to be replaced


@dataclass(frozen=True)
class Sheets:
    """A portion's file: its name and the PDF."""

    name: str
    pdf: bytes


def pending(job: PrintJob) -> list[int]:
    """The serials of pages whose blanks nobody has put into the tray yet, in serial order."""
    return list(
        PrintPage.objects.filter(job=job, state=PageState.WAITING, portion__loaded_at=None)
        .order_by("serial")
        .values_list("serial", flat=True)
    )


def next_portion(job: PrintJob) -> PrintPortion | None:
    """The first portion that isn't in the tray yet."""
    return (
        PrintPortion.objects.filter(job=job, loaded_at=None, pages__state=PageState.WAITING)
        .defer("content")
        .order_by("number")
        .first()
    )


@retrying
def load(*, actor: Account, job_id: int, serial: int) -> PrintPortion:
    """The tray holds the next portion, and ``serial`` is on its first sheet.

    Refused, naming both, when it isn't the one that the file begins with: a slipped sheet is
    found before anything is printed on it.
    """
    with recorded(actor, Action.PRINT_JOB_LOAD) as record:
        job = locked(job_id)
        require(actor, Action.PRINT_JOB_LOAD, job)
        target = PRINT_JOB.target(Action.PRINT_JOB_LOAD, job.state)
        _require_taken(job)
        portion = next_portion(job)
        if portion is None:
            raise Conflict(
                "printing.all_loaded",
                "各批空白证书都已装纸，没有待打印的。",
                found=job.number,
                mend="请核对印出的证书，确认打印结果。",
            )
        # A page that leaves this moment takes the file with it: whoever is second sees that.
        portion = PrintPortion.objects.select_for_update().defer("content").get(pk=portion.pk)
        waiting = pending(job)
        expected = min(
            PrintPage.objects.filter(portion=portion, state=PageState.WAITING).values_list(
                "serial", flat=True
            )
        )
        rules.require_first_serial(serial, expected, waiting)
        if not PrintPortion.objects.filter(pk=portion.pk).exclude(content=None).exists():
            raise _file_gone()
        portion.loaded_at, portion.loaded_by = timezone.now(), actor
        portion.save(update_fields=["loaded_at", "loaded_by"])
        job.state = target
        job.loaded_at = job.loaded_at or portion.loaded_at
        job.save(update_fields=["state", "loaded_at"])
        record(
            subject=job,
            data={
                "job": job.number,
                "portion": portion.number,
                "first": format_serial(serial),
                "serials": portion.serials,
                "printer": job.printer.name if job.printer else "",
            },
        )
    return portion


def _require_taken(job: PrintJob) -> None:
    """One tray after the other: what was confirmed is printed before the next is put in."""
    untaken = (
        PrintPortion.objects.filter(job=job, loaded_at__isnull=False, handed_out=0)
        .defer("content")
        .first()
    )
    if untaken is not None:
        raise Conflict(
            "printing.portion_not_printed",
            "上一批已装纸，但还没有取用打印文件。",
            clause="N8",
            found=f"第 {untaken.number} 批 {'、'.join(untaken.serials)}",
            expected="先打印上一批，再装下一批",
            mend="请先打印上一批。",
        )


def _file_gone() -> Refusal:
    return Refusal(
        "printing.file_destroyed",
        "打印文件含有完整的身份证号码，已销毁。",
        clause="N18",
        found="文件保留一天；其中有空白证书作废的，随之销毁",
        mend="请点“重新生成打印文件”，生成的内容与原来相同。",
    )


@retrying
def hand_out(*, actor: Account, job_id: int, number: int) -> Sheets:
    """The file of a portion whose first serial was confirmed; each time is an audit event.

    While the job is open the same blanks may be printed again, on the record: the file is the
    same to the byte.
    """
    with recorded(actor, Action.CERTIFICATE_PRINT) as record:
        job = locked(job_id)
        require(actor, Action.CERTIFICATE_PRINT, job)
        portion = PrintPortion.objects.select_for_update().get(job=job, number=number)
        if portion.loaded_at is None or not job.is_open:
            raise Refusal(
                "printing.tray_not_confirmed",
                "确认纸盒首张编号后才能取用打印文件；任务结束后不再提供。",
                clause="N8",
                found=job.get_state_display(),
                expected="已确认首张编号、尚未结束的任务",
            )
        pages = PrintPage.objects.filter(portion=portion, state=PageState.WAITING)
        named = list(pages.order_by("serial").values_list("certificate", "serial", "signing_key"))
        if not named:
            raise Conflict(
                "printing.portion_empty",
                "这一批的空白证书都已另行登记作废，没有可打印的页。",
                clause="N9",
                found=f"第 {portion.number} 批",
                mend="请刷新页面。",
            )
        if portion.content is None:
            raise _file_gone()
        pdf = reveal_bytes(bytes(portion.content))
        if hashlib.sha256(pdf).hexdigest() != portion.sha256:
            raise ValueError(f"print file {portion.pk} isn't what was kept")
        portion.handed_out += 1
        portion.handed_out_at = timezone.now()
        portion.save(update_fields=["handed_out", "handed_out_at"])
        record(
            subject=job,
            data={
                "job": job.number,
                "portion": portion.number,
                "grade": job.grade,
                "count": len(named),
                "serials": portion.serials,
                "time": portion.handed_out,
                "sha256": portion.sha256,
                "signing_keys": sorted({key for _pk, _serial, key in named if key}),
            },
            rows=TABLE,
            ids=[pk for pk, _serial, _key in named],
        )
    first, last = format_serial(named[0][1]), format_serial(named[-1][1])
    return Sheets(f"{job.number}-{job.grade}-{portion.number:02d}-{first}-{last}.pdf", pdf)


@retrying
def recut(*, actor: Account, job_id: int, serial: int) -> PrintJob:
    """Orders what isn't in the tray yet anew, beginning with ``serial``; the rest comes last."""
    with recorded(actor, Action.PRINT_JOB_RECUT) as record:
        job = locked(job_id)
        require(actor, Action.PRINT_JOB_RECUT, job)
        target = PRINT_JOB.target(Action.PRINT_JOB_RECUT, job.state)
        waiting = pending(job)
        rules.require_pending(serial, waiting)
        old = PrintPortion.objects.filter(job=job, loaded_at=None)
        loaded = PrintPortion.objects.filter(job=job).exclude(loaded_at=None).count()
        old_ids = list(old.values_list("pk", flat=True))
        old.update(number=F("number") + _ABOVE_ALL)  # out of the way of the new numbers
        parts = rules.cut(waiting, job.portion_size, first=serial)
        made = write_portions(job, parts, first_number=loaded + 1)
        _move(job, [(page, portion.pk) for portion, part in made for page in part])
        # Pages that were spoiled wait for nothing: they stay with the job, behind all others.
        PrintPage.objects.filter(portion__in=old_ids).update(portion=made[-1][0])
        PrintPortion.objects.filter(pk__in=old_ids).delete()
        job.state = target
        job.asked = ask_prepare(actor, job).token
        job.save(update_fields=["state", "asked"])
        record(
            subject=job,
            data={
                "job": job.number,
                "first": format_serial(serial),
                "portions": [rules.describe(part) for part in parts],
            },
        )
    return job


def _move(job: PrintJob, places: list[tuple[int, int]]) -> None:
    """Puts the waiting pages of the serials into their new portions, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE certificates_printpage p SET portion_id = s.portion
            FROM unnest(%s::bigint[], %s::bigint[]) AS s (serial, portion)
            WHERE p.job_id = %s AND p.serial = s.serial AND p.state = %s
            """,
            [
                [serial for serial, _portion in places],
                [portion for _serial, portion in places],
                job.pk,
                PageState.WAITING.value,
            ],
        )
