"""Print jobs carried through by their real actions, the worker's part in this thread."""

import time

from tests.support.working import work_off
from zhicheng.certificates.models import Certificate, JobState, PrintJob, PrintPortion
from zhicheng.certificates.printjobs.starting import start
from zhicheng.certificates.printjobs.tray import Sheets, hand_out, load, next_portion, pending
from zhicheng.organizations.models import Account
from zhicheng.registers.models import Register

ADDRESS = "https://zs.example.gov.cn/"


def started(
    clerk: Account,
    register: Register,
    *,
    grade: str = "intermediate",
    certificate_ids: list[int] | None = None,
    printer_id: int | None = None,
    portion_size: int = 200,
    address: str = ADDRESS,
) -> PrintJob:
    """A job whose files are made."""
    (job,) = start(
        actor=clerk,
        register_id=register.pk,
        grade=grade,
        certificate_ids=certificate_ids,
        printer_id=printer_id,
        portion_size=portion_size,
        address=address,
    )
    work_off()
    job.refresh_from_db()
    return job


def printed(clerk: Account, job: PrintJob) -> list[Sheets]:
    """Every portion loaded and its file taken, in order."""
    sheets = []
    while portion := next_portion(job):
        first = min(portion.pages.filter(state="waiting").values_list("serial", flat=True))
        load(actor=clerk, job_id=job.pk, serial=first)
        sheets.append(hand_out(actor=clerk, job_id=job.pk, number=portion.number))
    job.refresh_from_db()
    return sheets


def serials_of(register: Register) -> list[int]:
    """The blanks on which the register's certificates are filled in, in the tray's order."""
    found = Certificate.objects.filter(register=register).order_by("blank_serial")
    return [serial for serial in found.values_list("blank_serial", flat=True) if serial]


def printed_beside_a_browser(clerk: Account, register: Register) -> bytes:
    """The one file of a small register's printing, made by the worker beside the live server."""
    (job,) = start(actor=clerk, register_id=register.pk, grade="intermediate", address=ADDRESS)
    end = time.monotonic() + 60
    while job.state != JobState.READY:
        assert time.monotonic() < end
        time.sleep(0.1)
        job.refresh_from_db()
    (sheets,) = printed(clerk, job)
    return sheets.pdf


__all__ = [
    "PrintJob",
    "PrintPortion",
    "pending",
    "printed",
    "printed_beside_a_browser",
    "serials_of",
    "started",
]
