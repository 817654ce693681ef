"""What waits for an account among certificates: to fill in, seal, emboss, issue."""

from operator import itemgetter
from typing import Any

from django.db.models import (
    BigIntegerField,
    Count,
    F,
    Max,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from zhicheng.blanks.models import Allotment, Custody, CustodyState
from zhicheng.certificates.models import Certificate, CertificateState, JobState
from zhicheng.certificates.printjobs.queries import waiting_for_confirmation
from zhicheng.certificates.queries import station
from zhicheng.certificates.transfer_waiting import slips_waiting
from zhicheng.organizations.guard import might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.registers.models import Register, RegisterRow
from zhicheng.web.deadlines import first_due, first_due_of
from zhicheng.web.tasks import TaskGroup

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
    if might(account, Action.SIGNATURE_LIST_ATTACH):
        groups.append(_unsigned_lists(account))
    return groups


def _to_emboss(account: Account) -> TaskGroup:
    lines = station.to_emboss(account)
    # Of a register may some have been sealed before a deadline was shortened, and some after: it
    # is named by the first of each, and takes no other register's place with the rest.
    kind = "certificate.emboss"
    every = (
        (line, since)
        for line in lines
        for since in first_due_of(line.sinces, lambda since: since, kind, most=1)
    )
    waiting = first_due_of(every, itemgetter(1), kind)
    return TaskGroup(
        title=_("待加盖钢印"),
        count=sum(line.count for line in lines),
        url=reverse("certificates:embossing"),
        oldest=lines[0].oldest if lines else None,
        items=tuple(
            (
                f"{line.register.number} {line.register.issuing_unit.name}（{line.count}）",
                reverse("certificates:station", args=[line.register.pk]),
                since,
            )
            for line, since in waiting
        ),
        clause="N8",
        order=20,
        kind=kind,
    )


def _in_state(
    account: Account, title: str, state: CertificateState, since: str, order: int, url: str = ""
) -> TaskGroup:
    # Those of reissues wait with their applications.
    waiting = Certificate.objects.filter(
        issuing_unit=account.organization_id, state=state, register__isnull=False
    )
    found = waiting.aggregate(count=Count("pk"), oldest=Min(since))
    kind = f"certificate.{_STEP[state]}"
    registers = (
        waiting.order_by()
        .values_list("register", "register__number")
        .annotate(oldest=Min(since))
        .order_by("oldest")
    )
    named = first_due(registers, since, kind, sort="oldest")
    # A register on both sides of a day on which the deadline was shortened is named with all of it.
    ids = {key for key, *_rest in named}
    numbers = waiting.filter(register__in=ids).order_by().values_list("register")
    counts = dict(numbers.annotate(number=Count("pk")))
    return TaskGroup(
        title=title,
        count=found["count"],
        url=url or f"{reverse('certificates:stations')}?place={state.value}",
        oldest=found["oldest"],
        items=tuple(
            (f"{number}（{counts[key]}）", reverse("certificates:station", args=[key]), oldest)
            for key, number, oldest in named
        ),
        clause="N8",
        order=order,
        kind=kind,
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
            for job in first_due(jobs, "started_at", "print_job.confirm")
        ),
        clause="N8",
        order=25,
        kind="print_job.confirm",
    )


def _to_fill(account: Account) -> TaskGroup:
    """People whose register has blanks at hand: received from the office, or got in exchange."""
    home = account.organization_id
    at_hand = Custody.objects.filter(
        organization=home, state=CustodyState.UNIT, balance__gt=0, register__isnull=False
    )
    unfilled = RegisterRow.objects.filter(
        register=OuterRef("pk"), accepted=True, certificate__isnull=True
    )
    again = Certificate.objects.filter(
        register=OuterRef("pk"), state=CertificateState.AWAITING_BLANK
    )
    received = Allotment.objects.filter(register=OuterRef("pk"))
    waiting = (
        Register.objects.filter(pk__in=at_hand.values("register"), issuing_unit=home)
        .order_by()
        .annotate(
            people=_counted(unfilled) + _counted(again),
            since=Subquery(
                received.order_by()
                .values("register")
                .annotate(first=Min("received_at"))
                .values("first")
            ),
        )
        .filter(people__gt=0)
    )
    found = waiting.aggregate(count=Sum("people"), oldest=Min("since"))
    shown = waiting.order_by("since", "pk").values_list("pk", "number", "people", "since")
    named = first_due(shown, "since", "certificate.fill")
    return TaskGroup(
        title=_("待填制证书"),
        count=found["count"] or 0,
        url=f"{reverse('certificates:stations')}?place={station.UNFILLED}",
        oldest=found["oldest"],
        items=tuple(
            (f"{number}（{people}）", reverse("certificates:station", args=[key]), since)
            for key, number, people, since in named
        ),
        clause="N8",
        order=40,
        kind="certificate.fill",
    )


def _counted(rows: QuerySet[Any]) -> Coalesce:
    numbers = rows.order_by().values("register").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(numbers), Value(0), output_field=BigIntegerField())


def _unsigned_lists(account: Account) -> TaskGroup:
    """Registers whose certificates are all issued and whose signed list isn't attached (N18).

    By the ledger's balances: counting certificates would read everything ever issued.
    """

    def summed(rows: QuerySet[Any], column: str) -> Coalesce:
        numbers = rows.order_by().values("register").annotate(number=Sum(column)).values("number")
        return Coalesce(Subquery(numbers), Value(0), output_field=BigIntegerField())

    issued = Custody.objects.filter(register=OuterRef("pk"), state=CustodyState.ON_CERTIFICATE)
    waiting = (
        Register.objects.filter(issuing_unit=account.organization_id, signed_lists=None)
        .order_by()
        .annotate(
            issued=summed(issued, "balance"),
            people=summed(Allotment.objects.filter(register=OuterRef("pk")), "people"),
        )
        .filter(people__gt=0, issued__gte=F("people"))
    )
    dated = waiting.annotate(
        since=Subquery(
            issued.order_by().values("register").annotate(last=Max("changed_at")).values("last")
        )
    )
    shown = dated.order_by("since", "pk").values_list("pk", "number", "issued", "since")
    lines = first_due(shown, "since", "signature_list.attach")
    return TaskGroup(
        title=_("待上传的已签领取签收表"),
        count=waiting.count() if lines else 0,
        url=f"{reverse('certificates:stations')}?place={CertificateState.ISSUED.value}",
        oldest=lines[0][3] if lines else None,
        items=tuple(
            (f"{number}（{people}）", reverse("certificates:issued", args=[key]), since)
            for key, number, people, since in lines
        ),
        clause="N18",
        order=85,
        kind="signature_list.attach",
    )
