"""What the worker does with old ledgers: checking and importing, in the asker's name."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from zhicheng.historic import ledgers
from zhicheng.historic.models import Ledger
from zhicheng.organizations.models import Account
from zhicheng.work.actions import ask_for
from zhicheng.work.kinds import Job, register_kind
from zhicheng.work.models import Work

CHECK, IMPORT = "ledger.check", "ledger.import"


def ask_check(account: Account, ledger: Ledger) -> Work:
    """Every row judged, for the preview."""
    return _ask(CHECK, account, ledger)


def ask_import(account: Account, ledger: Ledger) -> Work:
    """The good rows onto file."""
    return _ask(IMPORT, account, ledger)


def _ask(kind: str, account: Account, ledger: Ledger) -> Work:
    return ask_for(
        kind,
        account=account,
        subject=f"{ledger.number} {ledger.title}",
        back=reverse("historic:ledger", args=[ledger.pk]),
        parameters={"ledger": ledger.pk},
        lock=f"ledger-{ledger.pk}",
    )


def _check(job: Job) -> None:
    ledgers.check(
        actor=job.account,
        ledger_id=job.parameters["ledger"],
        also=lambda ledger: job.finish(ledger.get_absolute_url(), checked_message(ledger)),
    )


def _import(job: Job) -> None:
    ledgers.import_ledger(
        actor=job.account,
        ledger_id=job.parameters["ledger"],
        also=lambda ledger: job.finish(ledger.get_absolute_url(), imported_message(ledger)),
    )


def checked_message(ledger: Ledger) -> str:
    """What the check found."""
    return _("已检查 %(rows)d 行：可导入 %(ready)d 行，不能导入 %(refused)d 行。") % {
        "rows": ledger.row_count,
        "ready": ledger.ready_count,
        "refused": ledger.refused_count,
    }


def imported_message(ledger: Ledger) -> str:
    """What the import did."""
    return _(
        "已导入 %(taken)d 行；%(same)d 行与已有记录相同，没有重复导入；"
        "%(conflicts)d 行与其他来源不一致，已列入来源冲突。"
    ) % {
        "taken": ledger.taken_count,
        "same": ledger.same_count,
        "conflicts": ledger.conflict_count,
    }


def register_kinds() -> None:
    """Makes them known to the worker and the pages."""
    register_kind(CHECK, _l("检查历史台账"), _check)
    register_kind(IMPORT, _l("导入历史台账"), _import)
