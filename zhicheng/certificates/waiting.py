"""What waits for an account among certificates: to fill in, seal, emboss, issue."""

from django.db.models import Count, Exists, Min, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from zhicheng.blanks.models import Custody, CustodyState
from zhicheng.certificates.models import Certificate, CertificateState, JobState
from zhicheng.certificates.printjobs.queries import waiting_for_confirmation
from zhicheng.certificates.queries import station
from zhicheng.certificates.transfer_waiting import slips_waiting
from zhicheng.organizations.guard import might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.registers.models import Register
from zhicheng.web.tasks import TaskGroup

NAMED = 5
_STEP = {CertificateState.EMBOSSED: "issue", CertificateState.FILLED: "seal"}


def certificates_waiting(account: Account) -> list[TaskGroup]:
    """The task groups; empty ones are left out by the page."""
    groups = slips_waiting(account)
    if might(account, Action.CERTIFICATE_EMBOSS):
        groups.append(_to_emboss(account))
    if account.organization.is_municipal_office:
        return groups
    if might(account, Action.CERTIFICATE_ISSUE):
        groups.append(
            _in_state(
                account,
                _("待发放证书"),
                CertificateState.EMBOSSED,
                "embossed_at",
                10,
                url=reverse("certificates:uncollected"),
            )
        )
    if might(account, Action.PRINT_JOB_CONFIRM):
        groups.append(_to_print(account))
    if might(account, Action.CERTIFICATE_SEAL):
        groups.append(_in_state(account, _("待加盖公章"), CertificateState.FILLED, "filled_at", 30))
    if might(account, Action.CERTIFICATE_FILL):
        groups.append(_to_fill(account))
    return groups


def _to_emboss(account: Account) -> TaskGroup:
    lines = station.to_emboss(account)
    return TaskGroup(
        title=_("待加盖钢印"),
        count=sum(line.count for line in lines),
        url=reverse("certificates:embossing"),
        oldest=lines[0].oldest if lines else None,
        items=tuple(
            (
                f"{line.register.number} {line.register.issuing_unit.name}（{line.count}）",
                reverse("certificates:station", args=[line.register.pk]),
                line.oldest,
            )
            for line in lines[:NAMED]
        ),
        clause="N8",
        order=20,
        kind="certificate.emboss",
    )


def _in_state(
    account: Account, title: str, state: CertificateState, since: str, order: int, url: str = ""
) -> TaskGroup:
    # Those of reissues wait with their applications.
    waiting = Certificate.objects.filter(
        issuing_unit=account.organization_id, state=state, register__isnull=False
    )
    found = waiting.aggregate(count=Count("pk"), oldest=Min(since))
    named = (
        waiting.order_by()
        .values_list("register", "register__number")
        .annotate(number=Count("pk"), oldest=Min(since))
        .order_by("oldest")[:NAMED]
    )
    return TaskGroup(
        title=title,
        count=found["count"],
        url=url or f"{reverse('certificates:stations')}?place={state.value}",
        oldest=found["oldest"],
        items=tuple(
            (f"{number}（{count}）", reverse("certificates:station", args=[key]), oldest)
            for key, number, count, oldest in named
        ),
        clause="N8",
        order=order,
        kind=f"certificate.{_STEP[state]}",
    )


def _to_print(account: Account) -> TaskGroup:
    """Print jobs whose files are there: to be printed, or printed and not confirmed."""
    jobs = waiting_for_confirmation(account.organization_id)
    found = jobs.aggregate(count=Count("pk"), oldest=Min("started_at"))
    return TaskGroup(
        title=_("打印待确认"),
        count=found["count"],
        url=f"{reverse('certificates:print_jobs')}?state={JobState.PRINTING.value}",
        oldest=found["oldest"],
        items=tuple(
            (
                f"{job.number} {job.get_state_display()}（{job.pages_count}）",
                job.get_absolute_url(),
                job.started_at,
            )
            for job in jobs[:NAMED]
        ),
        clause="N8",
        order=25,
        kind="print_job.confirm",
    )


def _to_fill(account: Account) -> TaskGroup:
    """Registers with blanks at hand: received from the office, or got in exchange."""
    at_hand = Custody.objects.filter(
        register=OuterRef("pk"), state=CustodyState.UNIT, holdings__isnull=False
    )
    registers = Register.objects.filter(Exists(at_hand), issuing_unit=account.organization_id)
    found = registers.annotate(since=Min("allotments__received_at")).order_by("since", "pk")
    people = station.places_of([register.pk for register in registers.only("pk")])
    waiting = {
        key: places.get(station.UNFILLED, 0) + places.get(CertificateState.AWAITING_BLANK, 0)
        for key, places in people.items()
    }
    named = [register for register in found.only("number") if waiting.get(register.pk)]
    return TaskGroup(
        title=_("待填制证书"),
        count=sum(waiting.values()),
        url=f"{reverse('certificates:stations')}?place={station.UNFILLED}",
        oldest=getattr(named[0], "since", None) if named else None,
        items=tuple(
            (
                f"{register.number}（{waiting[register.pk]}）",
                reverse("certificates:station", args=[register.pk]),
                getattr(register, "since", None),
            )
            for register in named[:NAMED]
        ),
        clause="N8",
        order=40,
        kind="certificate.fill",
    )
