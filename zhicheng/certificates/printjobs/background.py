"""The worker's part: making a job's files, one tray portion after the other."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from zhicheng.certificates.printjobs.models import PrintJob
from zhicheng.organizations.models import Account
from zhicheng.work.actions import ask_for
from zhicheng.work.kinds import Job, register_kind
from zhicheng.work.models import Work

PREPARE = "certificates.print"


def ask_prepare(account: Account, job: PrintJob) -> Work:
    """Asks the worker for the files of the job; within the transaction of who starts it."""
    return ask_for(
        PREPARE,
        account=account,
        subject=job.number,
        back=job.get_absolute_url(),
        parameters={"job": job.pk},
        lock=f"print-job-{job.pk}",
    )


def _prepare(work: Job) -> None:
    from zhicheng.certificates.printjobs.preparing import prepare

    job_id = work.parameters["job"]
    made = prepare(
        actor=work.account,
        job_id=job_id,
        kept=work.kept,
        also=lambda job: work.finish(job.get_absolute_url(), _said(job)),
    )
    if not made:
        with transaction.atomic():
            job = PrintJob.objects.get(pk=job_id)
            work.finish(job.get_absolute_url(), _("打印任务已不需要打印文件。"))


def _said(job: PrintJob) -> str:
    return ngettext(
        "打印文件已生成，共 %(count)d 页。请确认纸盒首张编号。",
        "打印文件已生成，共 %(count)d 页。请确认纸盒首张编号。",
        job.pages_count,
    ) % {"count": job.pages_count}


def register_kinds() -> None:
    """Makes the kind of work known; called when the app starts."""
    register_kind(PREPARE, _l("生成打印文件"), _prepare)
