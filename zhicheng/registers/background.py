"""What the worker does with registers: reading a file, submitting, accepting, each as one job.

They call the same actions as everybody; only the waiting moves from the page to the worker.
"""

from collections.abc import Callable

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from zhicheng.organizations.models import Account, Organization
from zhicheng.registers import actions
from zhicheng.registers.marked import marked_file, marked_name
from zhicheng.registers.models import Register
from zhicheng.registers.page import office_name
from zhicheng.values.progress import report
from zhicheng.work.actions import MOST_AT_ONCE, ask_for
from zhicheng.work.kinds import Job, Product, register_kind
from zhicheng.work.models import Work

UPLOAD, REPLACE = "register.upload", "register.replace"
SUBMIT, ACCEPT, MARK = "register.submit", "register.accept", "register.mark"
MARKING = "标注文件"
MARKED_AT_ONCE = 500  # rows; a larger file takes longer than somebody should wait for a page


def ask_upload(account: Account, *, content: bytes, name: str, year: int | None) -> Work:
    """A new register from a file."""
    return ask_for(
        UPLOAD,
        account=account,
        subject=name,
        back=reverse("registers:new"),
        parameters={"name": name, "year": year, "unit": account.organization_id},
        content=content,
    )


def ask_replace(account: Account, register: Register, *, content: bytes, name: str) -> Work:
    """The same register from a corrected file."""
    return ask_for(
        REPLACE,
        account=account,
        subject=f"{register.number} {name}",
        back=reverse("registers:replace", args=[register.pk]),
        parameters={"register": register.pk, "name": name},
        content=content,
        lock=_lock(register),
    )


def ask_submit(account: Account, register: Register) -> Work:
    """提交, with all checks again."""
    return _ask_step(SUBMIT, account, register)


def ask_accept(account: Account, register: Register, *, most: int = MOST_AT_ONCE) -> Work:
    """受理, with all checks again (N6); ``most`` may wait at once."""
    return _ask_step(ACCEPT, account, register, most=most)


def ask_mark(account: Account, register: Register) -> Work:
    """The unit's own file with its faults marked, for a large register."""
    return _ask_step(MARK, account, register)


def _ask_step(kind: str, account: Account, register: Register, *, most: int = MOST_AT_ONCE) -> Work:
    return ask_for(
        kind,
        account=account,
        subject=f"{register.number} {register.reporting_unit.name}",
        back=reverse("registers:detail", args=[register.pk]),
        parameters={"register": register.pk},
        lock=_lock(register),
        most=most,
    )


def _lock(register: Register) -> str:
    return f"register-{register.pk}"


def _finishing(job: Job, message: Callable[[Register], str]) -> Callable[[Register], None]:
    return lambda register: job.finish(
        reverse("registers:detail", args=[register.pk]), message(register)
    )


def _upload(job: Job) -> None:
    actions.upload_register(
        actor=job.account,
        content=job.content,
        name=job.parameters["name"],
        year=job.parameters["year"],
        # Whose file it is was settled when it came, whoever the account works for by now.
        unit=Organization.objects.get(pk=job.parameters.get("unit", job.account.organization_id)),
        also=_finishing(job, read_message),
    )


def _replace(job: Job) -> None:
    actions.replace_file(
        actor=job.account,
        register_id=job.parameters["register"],
        content=job.content,
        name=job.parameters["name"],
        also=lambda register: job.finish(
            reverse("registers:changes", args=[register.pk, register.version]),
            read_message(register),
        ),
    )


def _submit(job: Job) -> None:
    actions.submit(
        actor=job.account,
        register_id=job.parameters["register"],
        also=_finishing(job, _submitted),
    )


def _accept(job: Job) -> None:
    actions.accept(
        actor=job.account,
        register_id=job.parameters["register"],
        also=_finishing(job, _accepted),
    )


def _mark(job: Job) -> None:
    register = (
        Register.objects.select_related("reporting_unit")
        .defer("source")
        .get(pk=job.parameters["register"])
    )
    report(MARKING)
    product = Product(marked_name(register), marked_file(actor=job.account, register=register))
    with transaction.atomic():
        job.finish("", _("标注好的文件已经生成。"), product)


def read_message(register: Register) -> str:
    """What a reading of a file found, and what to do now."""
    text = ngettext("已读入 %(count)d 人", "已读入 %(count)d 人", register.row_count) % {
        "count": register.row_count
    }
    if register.error_count:
        return text + _("，发现 %(errors)d 处错误、%(warnings)d 处提示。请逐处更正后提交。") % {
            "errors": register.error_count,
            "warnings": register.warning_count,
        }
    if register.warning_count:
        return text + _("，没有错误，有 %(warnings)d 处提示。核对后可以提交。") % {
            "warnings": register.warning_count
        }
    return text + _("，没有错误。核对后可以提交。")


def _submitted(register: Register) -> str:
    if register.endorser is not None:
        return _("%(number)s 已提交。下一步由%(who)s签章。") % {
            "number": register.number,
            "who": register.endorser.name,
        }
    return _("%(number)s 已提交。下一步由%(who)s受理。") % {
        "number": register.number,
        "who": office_name(),
    }


def _accepted(register: Register) -> str:
    return _("%(number)s 已受理，共 %(count)d 人。下一步由%(who)s配发空白证书。") % {
        "number": register.number,
        "count": register.row_count,
        "who": office_name(),
    }


def register_kinds() -> None:
    """Makes them known to the worker and the pages."""
    register_kind(UPLOAD, _l("上传登记表"), _upload)
    register_kind(REPLACE, _l("重新上传登记表"), _replace)
    register_kind(SUBMIT, _l("提交登记表"), _submit)
    register_kind(ACCEPT, _l("受理登记表"), _accept)
    register_kind(MARK, _l("标注登记表文件"), _mark)
