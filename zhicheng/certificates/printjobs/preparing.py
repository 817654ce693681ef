"""Makes a job's files: each tray portion is signed, rendered, encrypted and committed by itself.

So a killed worker loses one portion's rendering and nothing else, and a batch of any size takes
the memory of one portion.
"""

import hashlib
from collections.abc import Callable
from datetime import date, datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.certificates.actions import TABLE
from zhicheng.certificates.printing import claims_of, sheet_data
from zhicheng.certificates.printjobs.background import ask_prepare
from zhicheng.certificates.printjobs.lifecycle import PRINT_JOB
from zhicheng.certificates.printjobs.models import (
    JobState,
    PageState,
    PrintJob,
    PrintPage,
    PrintPortion,
)
from zhicheng.credentials.signing import sign_batch
from zhicheng.documents import certificate_sheet
from zhicheng.documents.calibration import Calibration
from zhicheng.documents.layout import Layout, load_layout
from zhicheng.files.store import content_of
from zhicheng.layouts.queries import layout_of_version
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.photos.models import Photo
from zhicheng.photos.queries import portraits_of
from zhicheng.protection import protect_bytes
from zhicheng.values.progress import report
from zhicheng.values.refusal import Conflict
from zhicheng.values.serials import ranges_of

Also = Callable[[PrintJob], None]


def locked(job_id: int) -> PrintJob:
    """The job, locked until the transaction ends."""
    return (
        PrintJob.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organization", "register", "printer", "calibration")
        .defer("register__source")
        .get(pk=job_id)
    )


def without_file(job_id: int) -> QuerySet[PrintPortion]:
    """The portions whose file has to be made, or made again, in their order."""
    waiting = PrintPage.objects.filter(portion=OuterRef("pk"), state=PageState.WAITING)
    return (
        PrintPortion.objects.filter(Exists(waiting), job=job_id, content=None)
        .defer("content")
        .order_by("number")
    )


def prepare(
    *,
    actor: Account,
    job_id: int,
    kept: Callable[[], None] = lambda: None,
    also: Also | None = None,
) -> bool:
    """Makes every file that the job lacks, and tells that it can be printed.

    Called again after a crash it goes on where it stopped. ``kept`` is called within the
    transaction of each portion, ``also`` within the last one. False when the job ended meanwhile.
    """
    total = PrintJob.objects.get(pk=job_id).pages_count
    while True:
        portion = without_file(job_id).first()
        if portion is None:
            if _ready(actor, job_id, also):
                return True
            if PrintJob.objects.get(pk=job_id).state != JobState.PREPARING:
                return False
            continue  # a page left at the last moment: its portion is made again
        left = sum(without_file(job_id).values_list("count", flat=True))
        report("生成打印文件", max(0, total - left), total)
        if not _make(actor, job_id, portion, kept):
            return False


def _make(actor: Account, job_id: int, portion: PrintPortion, kept: Callable[[], None]) -> bool:
    """One portion: rendered outside any transaction, kept in one; False when the job ended."""
    job = PrintJob.objects.select_related("calibration").get(pk=job_id)
    if job.state != JobState.PREPARING:
        return False
    pages = list(
        PrintPage.objects.filter(portion=portion, state=PageState.WAITING)
        .select_related("certificate__approving_department", "certificate__issuing_unit")
        .order_by("serial")
    )
    if not pages:  # the last one left this very moment
        return True
    layout = _layout(job)
    fresh = _sign(job, pages)
    if layout.photo is not None:
        _choose_photos(fresh)
    photos = _photos(pages)
    pdf = certificate_sheet.render(
        [
            sheet_data(page.certificate, page.code, photo=photos.get(page.photo_id or 0))
            for page in pages
        ],
        layout,
        created=min(page.made_on or timezone.localdate() for page in pages),
        calibration=job.calibration.calibration if job.calibration else Calibration(),
    )
    return _keep(actor, job_id, portion.pk, pages, fresh, pdf, kept)


def _sign(job: PrintJob, pages: list[PrintPage]) -> list[PrintPage]:
    """Signs the codes of the pages that have none; gives these pages."""
    fresh = [page for page in pages if page.made_on is None]
    if not fresh:
        return []
    today: date = timezone.localdate()
    for page in fresh:
        page.made_on = today
    if job.address:
        signed = sign_batch(
            [claims_of(page.certificate, made_on=today) for page in fresh], address=job.address
        )
        for page, text in zip(fresh, signed.texts, strict=True):
            page.code, page.signing_key = text, signed.key_id
    return fresh


def _choose_photos(fresh: list[PrintPage]) -> None:
    """The photo that counts today, where the person has one."""
    found = portraits_of(bytes(page.certificate.id_number_index) for page in fresh)
    for page in fresh:
        portrait = found.get(bytes(page.certificate.id_number_index))
        page.photo_id = portrait.photo_id if portrait else None


def _photos(pages: list[PrintPage]) -> dict[int, bytes]:
    """The photos that the pages name, whether or not newer ones have come since."""
    wanted = {page.photo_id for page in pages if page.photo_id}
    return {
        photo.pk: content_of(photo.file)
        for photo in Photo.objects.filter(pk__in=wanted).select_related("file")
    }


def _layout(job: PrintJob) -> Layout:
    if job.layout_id is None:
        return load_layout(job.grade)
    return layout_of_version(job.layout_id).layout


@retrying
def _keep(
    actor: Account,
    job_id: int,
    portion_id: int,
    pages: list[PrintPage],
    fresh: list[PrintPage],
    pdf: bytes,
    kept: Callable[[], None],
) -> bool:
    sealed = protect_bytes(pdf)
    with recorded(actor, Action.PRINT_JOB_PREPARE) as record:
        job = locked(job_id)
        require(actor, Action.PRINT_JOB_PREPARE, job)
        same = set(
            PrintPage.objects.select_for_update()
            .filter(portion=portion_id, state=PageState.WAITING)
            .values_list("pk", flat=True)
        ) == {page.pk for page in pages}
        digest = hashlib.sha256(pdf).hexdigest()
        good = same and job.state == JobState.PREPARING
        if good:
            PrintPage.objects.bulk_update(
                fresh, ["code", "signing_key", "made_on", "photo"], batch_size=500
            )
            PrintPortion.objects.filter(pk=portion_id).update(
                content=sealed,
                size=len(pdf),
                sha256=digest,
                serials=[str(item) for item in ranges_of(page.serial for page in pages)],
                count=len(pages),
                made_at=timezone.now(),
            )
        record(
            subject=job,
            data={
                "job": job.number,
                "count": len(pages),
                "first": pages[0].serial,
                "last": pages[-1].serial,
                "sha256": digest,
                "signing_keys": sorted({page.signing_key for page in pages if page.signing_key}),
                "kept": good,
            },
            rows=TABLE,
            ids=[page.certificate_id for page in pages],
        )
        if good:
            kept()
    # A page left while the file was made: the portion is made again without it.
    return job.state == JobState.PREPARING


@retrying
def _ready(actor: Account, job_id: int, also: Also | None) -> bool:
    with recorded(actor, Action.PRINT_JOB_PREPARE) as record:
        job = locked(job_id)
        require(actor, Action.PRINT_JOB_PREPARE, job)
        made = job.state == JobState.PREPARING and not without_file(job.pk).exists()
        if made:
            job.state = JobState.PRINTING if job.loaded_at else JobState.READY
            job.made_at = timezone.now()
            job.save(update_fields=["state", "made_at"])
            if also is not None:
                also(job)
        record(subject=job, data={"job": job.number, "count": job.pages_count, "ready": made})
    return made


@retrying
def prepare_again(*, actor: Account, job_id: int) -> PrintJob:
    """Asks for the files once more: after a refusal, or when their day is over."""
    with recorded(actor, Action.PRINT_JOB_PREPARE) as record:
        job = locked(job_id)
        require(actor, Action.PRINT_JOB_PREPARE, job)
        if not job.is_open:
            PRINT_JOB.target(Action.PRINT_JOB_PREPARE, job.state)
        if not without_file(job.pk).exists():
            raise Conflict(
                "printing.files_there",
                "打印文件都在，不需要重新生成。",
                found=job.get_state_display(),
                mend="请刷新页面。",
            )
        job.state = JobState.PREPARING
        job.asked = ask_prepare(actor, job).token
        job.save(update_fields=["state", "asked"])
        record(subject=job, data={"job": job.number, "again": True})
    return job


def destroy_old_files(before: datetime) -> int:
    """Destroys files that were made before ``before``; they can be made again to the byte."""
    return (
        PrintPortion.objects.filter(made_at__lt=before).exclude(content=None).update(content=None)
    )
