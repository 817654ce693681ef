"""Whether the installation does by itself what it should: worker, proofs, the public log (N18)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhicheng.proofs.models import Proof, Subject
from zhicheng.proofs.queries import latest
from zhicheng.transparency.models import TreeHead
from zhicheng.web.saying import say
from zhicheng.work.models import UNFINISHED, Work
from zhicheng.work.queries import worker_lives

PROOF_HOURS = 2  # they run every hour; one that was missed is no alarm yet
NIGHTLY_HOURS = 26
LATE_WORK = timedelta(minutes=10)
LATELY = timedelta(days=7)
# What is made of other records can be made anew; a chain or a ledger can't.
MENDED_BY = {
    Subject.SEARCH: "zhicheng search rebuild",
    Subject.STATISTICS: "zhicheng statistics rebuild",
}


@dataclass(frozen=True)
class Check:
    """One line of the page: ``state`` is good, wait or bad; ``at`` is when it was last well."""

    label: str | Promise
    state: str
    said: str | Promise
    at: datetime | None = None
    number: int | None = None


Provider = Callable[[], list[Check]]
_providers: list[Provider] = []


def provides_checks(provider: Provider) -> Provider:
    """Registers what a folder below this one knows of itself; call it from an app's ``ready``."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def checks() -> list[Check]:
    """Every line, in a few statements."""
    more = [check for provider in _providers for check in provider()]
    return [_worker(), _work(), *_proofs(), _log(), *more, _failed()]


def _worker() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(last_heartbeat) FROM procrastinate_workers")
        (seen,) = cursor.fetchone()
    if worker_lives():
        return Check(_("后台处理"), "good", _("正在运行"), seen)
    return Check(_("后台处理"), "bad", _("没有运行：提交、受理、邮件和定时验证都在等"), seen)


def _work() -> Check:
    waiting = Work.objects.filter(state__in=UNFINISHED).order_by("asked_at")
    oldest = waiting.values_list("asked_at", flat=True).first()
    if oldest is not None and oldest < timezone.now() - LATE_WORK:
        return Check(_("等候处理"), "bad", _("等得太久"), oldest, waiting.count())
    return Check(_("等候处理"), "good", _("没有积压"), oldest)


def _proofs() -> list[Check]:
    found = []
    for subject in Subject:
        proof = latest(subject)
        late = timedelta(hours=NIGHTLY_HOURS if subject.nightly else PROOF_HOURS)
        if proof is None:
            said = _("尚未运行，每天一次") if subject.nightly else _("尚未运行，每小时一次")
            found.append(Check(subject.label, "wait", said))
        elif not proof.passed:
            found.append(Check(subject.label, "bad", _failed_proof(proof), proof.finished_at))
        elif proof.finished_at < timezone.now() - late:
            found.append(Check(subject.label, "bad", _("结果已过时"), proof.finished_at))
        else:
            found.append(Check(subject.label, "good", _("通过"), proof.finished_at))
    return found


def _failed_proof(proof: Proof) -> str | Promise:
    """What was found and what to do, where an administrator can do it."""
    command = MENDED_BY.get(Subject(proof.subject))
    if command is None:
        return _("发现问题")
    faults = "；".join(say(fault["message"]) for fault in proof.report.get("faults", ()))
    return gettext("与原始记录不一致：%(faults)s。请运行 %(command)s 重新生成") % {
        "faults": faults,
        "command": command,
    }


def _log() -> Check:
    head = TreeHead.objects.order_by("-id").only("signed_at").first()
    if head is None:
        return Check(_("公开日志检查点"), "wait", _("尚未签发，每小时一次"))
    if head.signed_at < timezone.now() - timedelta(hours=PROOF_HOURS):
        return Check(_("公开日志检查点"), "bad", _("已过时"), head.signed_at)
    return Check(_("公开日志检查点"), "good", _("按时签发"), head.signed_at)


def _failed() -> Check:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM procrastinate_jobs AS job WHERE status = 'failed' AND EXISTS (
                SELECT FROM procrastinate_events AS event WHERE event.job_id = job.id
                AND event.type = 'failed' AND event.at > %s)
            """,
            [timezone.now() - LATELY],
        )
        (failed,) = cursor.fetchone()
    if failed:
        return Check(_("失败的后台任务（七天内）"), "wait", _("请查看服务器日志"), None, failed)
    return Check(_("失败的后台任务（七天内）"), "good", _("没有"))
