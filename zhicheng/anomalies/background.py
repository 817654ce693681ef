"""A search of the whole city as work: the page that asks for it needn't wait."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from zhicheng.anomalies.actions import look
from zhicheng.organizations.models import Account
from zhicheng.work.actions import ask_for
from zhicheng.work.kinds import Job, register_kind
from zhicheng.work.models import Work

LOOK = "anomalies.look"


def ask_look(account: Account) -> Work:
    """Asks the worker for the search of every night, now."""
    return ask_for(
        LOOK, account=account, subject=_("全市"), back=reverse("anomalies:list"), lock=LOOK
    )


def _look(job: Job) -> None:
    def finish(new: int) -> None:
        said = ngettext(
            "查找完成，新列出 %(count)d 条线索。", "查找完成，新列出 %(count)d 条线索。", new
        ) % {"count": new}
        job.finish(reverse("anomalies:list"), said)

    look(actor=job.account, also=finish)


def register_kinds() -> None:
    """Makes it known to the worker and the pages."""
    register_kind(LOOK, _l("查找异常线索"), _look)
