"""附件1 from the register's data, with a code on every page (A1, N4)."""

from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.documents import register_form
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.permissions import Action
from zhicheng.protection import reveal
from zhicheng.registers.models import EDITABLE, Register
from zhicheng.registers.paper import page_codes, print_register
from zhicheng.values.refusal import Conflict


def print_form(*, actor: Actor, register: Register) -> bytes:
    """The form as PDF; the print and the digest of every row are on record.

    Raises Refusal for what can't be printed, before anything is recorded, and Conflict when
    somebody changed the register in the meantime.
    """
    require(actor, Action.REGISTER_PRINT, register)
    rows = form_rows(register)
    pages = register_form.paginate(rows)
    printed = print_register(actor=actor, register_id=register.pk)
    if printed.register_version != register.version:
        raise Conflict(
            "register.changed_while_printing",
            _("打印期间有人更正了登记表，这次打印作废。"),
            clause="N4",
            mend=_("请刷新页面后重新打印。"),
        )
    form = register_form.RegisterForm(
        unit=register.reporting_unit.name,
        year=str(register.year),
        reporting_unit=register.reporting_unit.name,
        endorsing_unit=register.endorser.name if register.endorser else "",
        filled_in_by=register.filler,
        telephone=register.telephone,
        rows=rows,
        reference=register.number,
        remark=f"第 {printed.register_version} 版"
        + ("　草稿，未提交" if register.state in EDITABLE else ""),
    )
    return register_form.render(form, page_codes(printed, pages), created=timezone.localdate())


def form_rows(register: Register) -> list[register_form.RegisterRow]:
    """The rows as they stand on paper, with whole ID numbers: the form asks for them."""
    return [
        register_form.RegisterRow(
            position=str(row.position),
            certificate_number=row.certificate_number,
            work_unit=row.work_unit,
            department=row.supervising_department,
            name=row.name,
            sex=row.sex,
            id_number=(
                reveal(bytes(row.id_number_cipher)) if row.id_number_cipher is not None else ""
            ),
            specialty=row.specialty,
            qualification=row.qualification,
            approval_date=row.approval_date_text,
            document_number=row.document_number,
        )
        for row in register.rows.order_by("position")
    ]
