"""The print centre and a print job's page: prepare, tray, print, confirm (N8, N9)."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from zhicheng.certificates.models import FilledOtherwise, JobState, PageState, PrintJob
from zhicheng.certificates.owners import named
from zhicheng.certificates.printjobs import ending, policy, preparing, queries, starting, tray
from zhicheng.certificates.printjobs.forms import (
    MisprintForm,
    OtherwiseForm,
    PolicyForm,
    StartForm,
    TrayForm,
)
from zhicheng.certificates.queries import visible as visible_certificates
from zhicheng.certificates.tabs import tabs
from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register
from zhicheng.values.serials import format_serial
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.pages import account_of, page
from zhicheng.web.partial import wants_part

NEXT = {
    JobState.PREPARING: gettext_lazy("等待生成打印文件"),
    JobState.READY: gettext_lazy("装纸，确认首张编号"),
    JobState.PRINTING: gettext_lazy("打印，核对后确认结果"),
    JobState.CONFIRMED: "",
    JobState.CANCELLED: "",
}
PAIRS_NAMED = 6


def address_of(request: HttpRequest) -> str:
    """Where the public query lives: what the codes name."""
    return settings.ZHICHENG_PUBLIC_ADDRESS or request.build_absolute_uri("/")


class PrintJobs(ListPage):
    """All print jobs that the account may see."""

    title = gettext_lazy("证书打印")
    purpose = gettext_lazy(
        "按空白证书编号顺序套打：核对纸盒首张编号，打印，确认结果；错制的作废，用备用证书重印。"
    )
    clause = "N8"
    template_name = "certificates/print_jobs.html"
    action = Action.PRINT_JOB_VIEW
    columns = (
        Column(
            gettext_lazy("打印任务"),
            "number",
            sort="number",
            kind="code",
            link=lambda job: job.get_absolute_url(),
        ),
        Column(
            gettext_lazy("状态"), "state", sort="state", kind="badge", label="get_state_display"
        ),
        Column(gettext_lazy("下一步"), lambda job: NEXT[JobState(job.state)]),
        Column(
            gettext_lazy("登记表"),
            lambda job: job.register.number if job.register else _("补办换发"),
            sort="register__number",
            kind="code",
        ),
        Column(
            gettext_lazy("单位"),
            "organization.called",
            kind="code",
            sort="organization__name",
        ),
        Column(gettext_lazy("等级"), "get_grade_display", sort="grade"),
        Column(
            gettext_lazy("打印机"),
            lambda job: job.printer.name if job.printer else _("未登记"),
            sort="printer__name",
        ),
        Column(gettext_lazy("页数"), "pages_count", sort="pages_count", kind="number"),
        Column(gettext_lazy("错制"), "misprints", sort="misprints", kind="number"),
        Column(gettext_lazy("经办人"), "started_by.display_name", sort="started_by__display_name"),
        Column(gettext_lazy("建立时间"), "started_at", sort="started_at", kind="time"),
    )
    filters = (
        ChoiceFilter("state", gettext_lazy("状态"), JobState.choices),
        ChoiceFilter("grade", gettext_lazy("等级"), Grade.choices),
        DateFilter("started", gettext_lazy("建立日期"), "started_at__date"),
    )
    search_fields = ("number", "register__number", "printer__name")
    search_hint = gettext_lazy("任务编号、登记表编号、打印机")
    default_sort = ("-pk",)
    empty_title = gettext_lazy("还没有打印任务")
    empty_text = gettext_lazy("在“按登记表办理”中填制后，点“打印”建立任务。")
    export_name = "print-jobs"

    def get_queryset(self) -> QuerySet[PrintJob]:
        """The account's."""
        return queries.with_misprints(queries.visible(self.account))

    def extra_context(self) -> dict[str, Any]:
        """How the printers do, the rule in force, and the sections."""
        may_set = may(self.account, Action.PRINT_POLICY_SET)
        return {
            "tabs": tabs(self.account, "printing"),
            "failing": queries.failing(self.account),
            "required": policy.print_is_required(),
            "policy_form": PolicyForm(initial={"valid_from": timezone.localdate()})
            if may_set
            else None,
        }


def job_or_404(request: HttpRequest, pk: int) -> PrintJob:
    """The job if the account may see it; to others it doesn't exist."""
    return get_object_or_404(queries.visible(account_of(request)), pk=pk)


@require_GET
@page(Action.PRINT_JOB_VIEW)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The job with its steps; what comes next stands on top."""
    return render(
        request, "certificates/print_job.html", _context(request, job_or_404(request, pk))
    )


def _context(request: HttpRequest, job: PrintJob) -> dict[str, Any]:
    account = account_of(request)
    trays = queries.trays(job)
    work = queries.work_of(job)
    counts = queries.by_state(job)
    missing = [i for i in trays if i.waiting and not i.has_file and not i.portion.handed_out]
    following = tray.next_portion(job) if job.is_open else None
    at_hand = next((item for item in trays if item.key == "loaded"), None)
    printed = [item for item in trays if item.key == "printed" and item.waiting]
    rest = sum(item.waiting for item in trays if item.key != "printed")
    ready = job.state in (JobState.READY, JobState.PRINTING)
    handed_out = any(item.portion.handed_out for item in trays)
    mine = may(account, Action.PRINT_JOB_LOAD, job)
    return {
        "job": job,
        "tabs": tabs(account, "printing"),
        "steps": _steps(job, to_print=following is not None or at_hand is not None),
        "trays": trays,
        "counts": counts,
        "stuck": queries.stuck(job, work),
        "refusal": work.refusal if work and queries.stuck(job, work) else None,
        "made": sum(item.waiting for item in trays if item.has_file),
        "missing": bool(missing) and ready,
        "next": next((t for t in trays if following and t.portion.pk == following.pk), None)
        if ready and at_hand is None and not missing
        else None,
        "at_hand": at_hand if job.is_open else None,
        "printed": printed if job.is_open else [],
        "rest": rest if job.is_open else 0,
        "mine": mine,
        "tray_form": TrayForm(),
        "recut_form": TrayForm(prefix="first"),
        "misprint_form": MisprintForm(),
        # Not while the page asks for itself again and again.
        "pages": queries.pages_of(job) if job.state != JobState.PREPARING else [],
        "pages_shown": queries.PAGES_SHOWN,
        "spoiled": queries.spoiled_of(job) if not job.is_open else [],
        "followers": list(job.followers.order_by("pk")),
        "remaking": ready,
        "nothing_left": job.is_open and handed_out and not counts.get(PageState.WAITING),
        "may_cancel": mine and job.is_open and not handed_out,
    }


def _steps(job: PrintJob, *, to_print: bool) -> list[dict[str, str]]:
    """生成文件, 装纸, 打印, 确认."""
    at = {
        JobState.PREPARING: 0,
        JobState.READY: 1,
        JobState.PRINTING: 2 if to_print else 3,
        JobState.CONFIRMED: 4,
        JobState.CANCELLED: -1,
    }[JobState(job.state)]
    labels = (_("生成打印文件"), _("装纸，核对首张编号"), _("打印"), _("核对，确认结果"))
    notes = [
        f"{timezone.localtime(job.made_at):%Y-%m-%d %H:%M}" if job.made_at else "",
        f"{timezone.localtime(job.loaded_at):%Y-%m-%d %H:%M}" if job.loaded_at else "",
        "",
        f"{timezone.localtime(job.ended_at):%Y-%m-%d %H:%M}" if job.ended_at else "",
    ]
    return [
        {
            "label": label,
            "state": "done" if number < at else "now" if number == at else "todo",
            "note": notes[number],
        }
        for number, label in enumerate(labels)
    ]


def _to(request: HttpRequest, job: PrintJob) -> HttpResponse:
    """To the job's page, loaded as a whole: it brings a script of its own."""
    target = job.get_absolute_url()
    return HttpResponseClientRedirect(target) if wants_part(request) else redirect(target)


def go_to_jobs(request: HttpRequest, jobs: list[PrintJob]) -> HttpResponse:
    """To the one job, or to the list with all of them named."""
    if len(jobs) == 1:
        return _to(request, jobs[0])
    parts = "；".join(
        _("%(number)s：%(edition)s年版空白证书 %(count)d 本")
        % {"number": job.number, "edition": job.edition or "—", "count": job.pages_count}
        for job in jobs
    )
    messages.success(
        request,
        _("空白证书分属不同印制年度，版式不同，已分成 %(count)d 个打印任务：%(parts)s。")
        % {"count": len(jobs), "parts": parts},
    )
    return redirect("certificates:print_jobs")


@require_POST
@page(Action.PRINT_JOB_START)
def start_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Prints a single certificate: a reissue's, or one that waits."""
    certificate = get_object_or_404(visible_certificates(account_of(request)), pk=pk)
    data = request.POST.copy()
    data["grade"], data["portion"] = certificate.grade, "1"
    values = cleaned(StartForm(data, unit=certificate.issuing_unit))
    jobs = starting.start(
        actor=account_of(request),
        **named(certificate),
        grade=certificate.grade,
        certificate_ids=[certificate.pk],
        printer_id=values["printer"],
        portion_size=1,
        address=address_of(request),
    )
    return go_to_jobs(request, jobs)


@require_POST
@page(Action.PRINT_JOB_LOAD)
def load(request: HttpRequest, pk: int) -> HttpResponse:
    """The first serial of the tray is confirmed."""
    job = job_or_404(request, pk)
    serial = cleaned(TrayForm(request.POST))["serial"]
    tray.load(actor=account_of(request), job_id=job.pk, serial=serial)
    messages.success(
        request,
        _("首张编号 %(serial)s 核对无误，可以打印这一批。") % {"serial": format_serial(serial)},
    )
    return _to(request, job)


@require_POST
@page(Action.PRINT_JOB_RECUT)
def recut(request: HttpRequest, pk: int) -> HttpResponse:
    """Begins with another serial."""
    job = job_or_404(request, pk)
    serial = cleaned(TrayForm(request.POST, prefix="first"))["serial"]
    tray.recut(actor=account_of(request), job_id=job.pk, serial=serial)
    messages.success(
        request,
        _("已改为从 %(serial)s 开始，编号在它之前的排到最后；打印文件正在重新生成。")
        % {"serial": format_serial(serial)},
    )
    return _to(request, job)


@require_POST
@xframe_options_sameorigin
@page(Action.CERTIFICATE_PRINT)
def sheets(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A portion's file: shown in the page's frame to be printed, or downloaded.

    By POST: every time it goes out is an audit event, and nothing fetches it by itself.
    """
    job = job_or_404(request, pk)
    get_object_or_404(job.portions.defer("content"), number=number)
    found = tray.hand_out(actor=account_of(request), job_id=job.pk, number=number)
    shown = "inline" if request.POST.get("show") else "attachment"
    answer = HttpResponse(found.pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'{shown}; filename="{found.name}"'
    answer["Content-Security-Policy"] = "frame-ancestors 'self'"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@page(Action.PRINT_JOB_CONFIRM)
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """All good, or these are misprints."""
    job = job_or_404(request, pk)
    account = account_of(request)
    if request.POST.get("all_good"):
        outcome = ending.confirm(actor=account, job_id=job.pk)
    else:
        values = cleaned(MisprintForm(request.POST))
        outcome = ending.confirm(actor=account, job_id=job.pk, **values)
    messages.success(request, _told(outcome))
    return _to(request, outcome.followers[0] if len(outcome.followers) == 1 else job)


def _told(outcome: ending.Outcome) -> str:
    """What came of it and what comes next, in the operator's words."""
    text = ngettext(
        "打印结果已确认：完好 %(good)d 本。", "打印结果已确认：完好 %(good)d 本。", outcome.good
    ) % {"good": outcome.good}
    replaced = [item for item in outcome.spoiled if item.replaced_by]
    if outcome.spoiled:
        text += _("作废 %(count)d 本，请单独存放、交回。") % {"count": len(outcome.spoiled)}
    if replaced:
        pairs = "、".join(
            f"{format_serial(item.serial)} → {format_serial(item.replaced_by or 0)}"
            for item in replaced[:PAIRS_NAMED]
        )
        more = _(" 等") if len(replaced) > PAIRS_NAMED else ""
        text += _("启用备用证书 %(count)d 本（%(pairs)s%(more)s）。") % {
            "count": len(replaced),
            "pairs": pairs,
            "more": more,
        }
    if outcome.due:
        text += _("备用证书已用完，%(count)d 本须凭废旧证书到市职改办换取。") % {
            "count": len(outcome.due)
        }
    if outcome.followers:
        text += _("后续打印任务 %(jobs)s 已建立，共 %(count)d 页。") % {
            "jobs": "、".join(job.number for job in outcome.followers),
            "count": outcome.again,
        }
    return text


@require_POST
@page(Action.PRINT_JOB_PREPARE)
def prepare(request: HttpRequest, pk: int) -> HttpResponse:
    """Makes the files once more."""
    job = job_or_404(request, pk)
    preparing.prepare_again(actor=account_of(request), job_id=job.pk)
    return _to(request, job)


@require_POST
@page(Action.PRINT_JOB_CANCEL)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends a job of which nothing was printed."""
    job = ending.cancel(actor=account_of(request), job_id=job_or_404(request, pk).pk)
    messages.success(
        request,
        _("打印任务 %(number)s 已取消，其中的证书可以重新建立任务。") % {"number": job.number},
    )
    return _to(request, job)


@require_POST
@page(Action.PRINT_POLICY_SET)
def set_policy(request: HttpRequest) -> HttpResponse:
    """Whether the official seal waits for the print."""
    values = cleaned(PolicyForm(request.POST))
    policy.set_print_policy(actor=account_of(request), **values)
    messages.success(request, _("打印确认规定已设定。"))
    return redirect("certificates:print_jobs")


def printing_of(account: Account, register: Register) -> dict[str, Any]:
    """What a register's work station says of printing: open jobs, what is left, the form."""
    seen = may(account, Action.PRINT_JOB_VIEW, register)
    left = queries.printable(register)
    return {
        "print_jobs": queries.open_jobs(register) if seen else [],
        "printable": [(Grade(grade), left[grade]) for grade in Grade.values if grade in left],
        "print_form": StartForm(unit=register.issuing_unit),
        "print_required": policy.print_is_required(),
        "filled_otherwise": FilledOtherwise.objects.filter(register=register).first(),
        "otherwise_form": OtherwiseForm(),
        "may_state_otherwise": may(account, Action.FILLED_OTHERWISE_STATE, register),
    }
