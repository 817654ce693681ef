"""Shows whole ID numbers where the task needs them, and writes down who looked (invariant 10)."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from zhicheng.audit.recording import recorded
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.permissions import Action
from zhicheng.protection import reveal
from zhicheng.registers import queries
from zhicheng.registers.models import Register, RegisterRow
from zhicheng.values.refusal import Refusal

PURPOSES: Mapping[str, object] = {
    "correct": _("更正登记表"),
    "paper": _("核对纸质登记表"),
    "approval": _("核对核准文件和评审表"),
    "inquiry": _("答复本人或单位查询"),
    "file": _("导出报送文件"),
    "source": _("下载原文件"),
}


def show_id_number(*, actor: Actor, register: Register, row_id: int, purpose: str) -> str:
    """The whole number of one row; the event names row and purpose, never the number."""
    return show_id_numbers(actor=actor, register=register, row_ids=[row_id], purpose=purpose)[
        row_id
    ]


def show_id_numbers(
    *, actor: Actor, register: Register, purpose: str, row_ids: Sequence[int] | None = None
) -> dict[int, str]:
    """The whole numbers by row id; all rows of the register when ``row_ids`` is None.

    Raises NotPermitted, or Refusal without a known purpose.
    """
    require(actor, Action.PERSON_UNMASK, register)
    if purpose not in PURPOSES:
        raise Refusal(
            "unmask.purpose_missing",
            "查看完整身份证号码须选择用途。",
            clause="N18",
            expected="、".join(str(label) for label in PURPOSES.values()),
            mend="请选择用途后再查看。",
        )
    rows = RegisterRow.objects.filter(register=register)
    if row_ids is not None:
        rows = rows.filter(pk__in=row_ids)
    with recorded(actor, Action.PERSON_UNMASK) as record:
        ciphers = dict(rows.order_by("position").values_list("pk", "id_number_cipher"))
        if row_ids is not None and len(ciphers) != len(set(row_ids)):
            raise Refusal(
                "register.row_gone",
                "这一行已经不在登记表中。",
                mend="请刷新页面。",
            )
        record(
            subject=register,
            data={"purpose": purpose, "count": len(ciphers)},
            rows=RegisterRow._meta.label_lower,
            ids=list(ciphers) if row_ids is not None else [],
        )
    return {key: reveal(bytes(cipher)) if cipher else "" for key, cipher in ciphers.items()}


def open_source(*, actor: Actor, register: Register) -> bytes | None:
    """The unit's file as it came, with whole ID numbers in it: so the look is on record.

    None for a register that was made without a file. Raises NotPermitted.
    """
    require(actor, Action.PERSON_UNMASK, register)
    content = queries.source_of(register)
    if content is None:
        return None
    with recorded(actor, Action.PERSON_UNMASK) as record:
        record(
            subject=register,
            data={
                "purpose": "source",
                "file": register.source_name,
                "sha256": register.source_sha256,
                "count": register.row_count,
            },
        )
    return content
