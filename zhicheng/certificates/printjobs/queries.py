"""Reads of print jobs: what may be seen, what is left to print, how printers fail (N8, N9)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from zhicheng.blanks.models import Spoilage, SpoilReason
from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.certificates.printjobs.models import (
    OPEN,
    JobState,
    PageState,
    PrintJob,
    PrintPage,
    PrintPortion,
)
from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action, Role
from zhicheng.registers.models import Register
from zhicheng.work.models import UNFINISHED, Work

# Why a blank counts as misprinted: a faulty seal is no printer's fault.
MISPRINTED = (SpoilReason.MISPRINT.value, SpoilReason.DAMAGED.value)
PRINTED = (PageState.GOOD.value, PageState.SPOILED.value)
TAKEN = (PageState.WAITING.value, PageState.GOOD.value)
PAGES_SHOWN = 500


def visible(account: Account) -> QuerySet[PrintJob]:
    """The jobs that the account may see (invariant 9)."""
    found = PrintJob.objects.select_related(
        "organization", "register", "printer", "started_by", "ended_by", "follows"
    ).defer("register__source")
    if account.role == Role.ADMINISTRATOR:
        return found.none()
    if may(account, Action.PRINT_JOB_VIEW):
        return found
    return found.filter(organization=account.organization_id)


def printed_with(version_ids: Collection[int]) -> dict[int, int]:
    """How many pages came out well with each of these layouts: for the layouts' own list."""
    good = PrintPage.objects.filter(state=PageState.GOOD, job__layout__in=version_ids)
    return dict(good.order_by().values_list("job__layout").annotate(Count("pk")))


def with_misprints(jobs: QuerySet[PrintJob]) -> QuerySet[PrintJob]:
    """The jobs with ``misprints``: pages whose blank was called misprinted, then or later."""
    spoiled = Spoilage.objects.filter(serial=OuterRef("serial"), reason__in=MISPRINTED)
    pages = (
        PrintPage.objects.filter(Exists(spoiled), job=OuterRef("pk"), state__in=PRINTED)
        .order_by()
        .values("job")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return jobs.annotate(misprints=Coalesce(Subquery(pages, IntegerField()), 0))


@dataclass(frozen=True)
class Failing:
    """How a printer does: pages that came out of it, and how many were misprinted."""

    organization: str
    printer: str
    jobs: int
    pages: int
    misprints: int

    @property
    def rate(self) -> str:
        """Per cent, with one digit."""
        return f"{100 * self.misprints / self.pages:.1f} %" if self.pages else "—"


def failing(account: Account, *, limit: int = 50) -> list[Failing]:
    """The printers of the jobs that the account may see, the worst first; one statement."""
    if account.role == Role.ADMINISTRATOR:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT organization, printer, jobs, pages, misprints FROM (
                SELECT o.name AS organization, coalesce(p.name, '') AS printer,
                       count(DISTINCT j.id) AS jobs, count(*) AS pages,
                       count(*) FILTER (WHERE s.reason = ANY(%s)) AS misprints
                FROM certificates_printpage g
                JOIN certificates_printjob j ON j.id = g.job_id
                JOIN organizations_organization o ON o.id = j.organization_id
                LEFT JOIN layouts_printer p ON p.id = j.printer_id
                LEFT JOIN blanks_spoilage s ON s.serial = g.serial
                WHERE j.state = 'confirmed' AND g.state = ANY(%s)
                  AND (%s OR j.organization_id = %s)
                GROUP BY o.id, p.id
            ) AS counted
            ORDER BY misprints::float / pages DESC, pages DESC LIMIT %s
            """,
            [
                list(MISPRINTED),
                list(PRINTED),
                may(account, Action.PRINT_JOB_VIEW),
                account.organization_id,
                limit,
            ],
        )
        return [Failing(*row) for row in cursor.fetchall()]


def unprinted(certificates: QuerySet[Certificate]) -> QuerySet[Certificate]:
    """Those that are filled in, and neither printed well nor in an open job."""
    taken = PrintPage.objects.filter(serial=OuterRef("blank_serial"), state__in=TAKEN)
    return certificates.filter(~Exists(taken), state=CertificateState.FILLED)


def printable(register: Register) -> dict[str, int]:
    """How many of a register are filled in and not printed, by grade."""
    return dict(
        unprinted(Certificate.objects.filter(register=register))
        .order_by()
        .values_list("grade")
        .annotate(number=Count("pk"))
    )


def open_jobs(register: Register) -> list[PrintJob]:
    """The register's jobs that aren't ended, the oldest first."""
    return list(
        PrintJob.objects.filter(register=register, state__in=OPEN)
        .select_related("printer")
        .order_by("pk")
    )


def history(certificate: Certificate) -> list[PrintPage]:
    """Every page that was made of a certificate, the newest first."""
    return list(
        certificate.print_pages.select_related("job__printer", "job__layout", "portion")
        .defer("code", "portion__content", "job__layout__content")
        .order_by("-pk")
    )


@dataclass(frozen=True)
class Tray:
    """A portion as the page shows it: how many of its pages still wait."""

    portion: PrintPortion
    waiting: int
    has_file: bool

    @property
    def key(self) -> str:
        """Where it stands: to load, to print, printed."""
        if self.portion.handed_out:
            return "printed"
        return "loaded" if self.portion.loaded_at else "waiting"


def trays(job: PrintJob) -> list[Tray]:
    """The job's portions in their order, in one statement and without the files."""
    found = (
        PrintPortion.objects.filter(job=job)
        .select_related("loaded_by")
        .annotate(
            waiting=Count("pages", filter=Q(pages__state=PageState.WAITING)),
            has_file=Q(content__isnull=False),
        )
        .defer("content")
        .order_by("number")
    )
    return [Tray(item, item.waiting, item.has_file) for item in found]


def pages_of(job: PrintJob, *, limit: int = PAGES_SHOWN) -> list[PrintPage]:
    """The first pages in the order of printing, with who stands on them."""
    return list(
        PrintPage.objects.filter(job=job)
        .select_related("certificate", "portion")
        .defer("code", "portion__content", "certificate__id_number_cipher")
        .order_by("portion__number", "serial")[:limit]
    )


def by_state(job: PrintJob) -> dict[str, int]:
    """How many pages of the job came to what."""
    return dict(
        PrintPage.objects.filter(job=job)
        .order_by()
        .values_list("state")
        .annotate(number=Count("pk"))
    )


def spoiled_of(job: PrintJob) -> list[Spoilage]:
    """What the job spoiled, with the spares that took the places."""
    serials = PrintPage.objects.filter(job=job, state=PageState.SPOILED).values("serial")
    return list(Spoilage.objects.filter(serial__in=serials).order_by("serial"))


def work_of(job: PrintJob) -> Work | None:
    """What the worker makes, or why it made nothing."""
    if job.asked is None:
        return None
    return Work.objects.filter(token=job.asked).defer("payload", "product").first()


def stuck(job: PrintJob, work: Work | None) -> bool:
    """Whether nobody will make the files unless somebody asks again."""
    return job.state == JobState.PREPARING and (work is None or work.state not in UNFINISHED)


def waiting_for_confirmation(organization_id: int) -> QuerySet[PrintJob]:
    """The unit's open jobs whose files are there: to be loaded, printed, confirmed."""
    return PrintJob.objects.filter(
        organization=organization_id, state__in=[JobState.READY, JobState.PRINTING]
    ).order_by("started_at")


def only_unprinted(certificate_ids: Sequence[int], grade: str) -> list[int]:
    """Those of the certificates of a grade that wait for their print."""
    return list(
        unprinted(
            Certificate.objects.filter(pk__in=list(certificate_ids), grade=grade)
        ).values_list("pk", flat=True)
    )
