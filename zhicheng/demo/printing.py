"""What the made-up city prints: one job that is finished, one that waits to be confirmed (N8)."""

from zhicheng.certificates.models import Certificate, PrintJob
from zhicheng.certificates.printjobs.ending import confirm
from zhicheng.certificates.printjobs.queries import unprinted, work_of
from zhicheng.certificates.printjobs.starting import start
from zhicheng.certificates.printjobs.tray import hand_out, load, next_portion, pending
from zhicheng.credentials.queries import active_key
from zhicheng.demo.city import City
from zhicheng.demo.clock import Course
from zhicheng.layouts.printers import add_printer, calibrate_printer
from zhicheng.organizations.models import Account
from zhicheng.work.running import run

ADDRESS = "http://127.0.0.1:8000/"
FIRST = 8


def tell_printing(city: City) -> Course:
    """A calibrated printer at 长江重工, a confirmed job of eight, and one being printed."""
    clerk = city.accounts["heavy.clerk"]
    yield city.days.ago(0, 8)  # today: by a key that is valid from today on
    waiting = list(
        unprinted(Certificate.objects.filter(issuing_unit=clerk.organization_id)).order_by(
            "grade", "blank_serial"
        )
    )
    of_grade = [item for item in waiting if item.grade == waiting[0].grade]
    printer = add_printer(
        actor=clerk,
        organization=clerk.organization,
        name="人力资源部激光打印机",
        tray_note="手送纸盒，印面朝上，上端先进",
    )
    calibrate_printer(
        actor=clerk,
        printer_id=printer.pk,
        found={"A": (30.6, 29.8), "B": (180.7, 29.8), "C": (180.7, 117.9)},
        width=210.0,
        height=148.0,
    )
    for part, finish in ((of_grade[:FIRST], True), (of_grade[FIRST:], False)):
        if not part:
            continue
        (job, *_others) = start(
            actor=clerk,
            register_id=part[0].register_id,
            grade=part[0].grade,
            certificate_ids=[item.pk for item in part],
            printer_id=printer.pk,
            address=ADDRESS if active_key() else "",
        )
        _print(clerk, job)
        if finish:
            confirm(actor=clerk, job_id=job.pk)


def _print(clerk: Account, job: PrintJob) -> None:
    """The worker's part at once, then the tray and the file."""
    work = work_of(job)
    assert work is not None
    run(work.pk)
    while portion := next_portion(job):
        load(actor=clerk, job_id=job.pk, serial=pending(job)[0])
        hand_out(actor=clerk, job_id=job.pk, number=portion.number)
