"""What every change of a register's content shares: lock, guard, apply, check again."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from zhicheng.approvals.models import ApprovedPerson
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.protection import blind_index, reveal
from zhicheng.registers import lifecycle
from zhicheng.registers.columns import COLUMNS, ID_NUMBER, KEYS, TITLES
from zhicheng.registers.models import Register, RegisterFinding, RegisterRow, Severity
from zhicheng.registers.rules import CheckResult, shown
from zhicheng.registers.storing import StoredRow, check, save_outcome, stored_rows
from zhicheng.registers.tidying import Tidier
from zhicheng.values.refusal import Conflict, Refusal

# From which field of the approved person each column takes the offered value.
_OFFERED = {
    "work_unit": "work_unit",
    "name": "name",
    "sex": "sex",
    "specialty": "specialty",
    "qualification": "qualification",
}
Change = dict[str, Any]
# What else has to happen in the very transaction of a long action: it is marked as done.
Also = Callable[[Register], object]


def nothing(register: Register) -> None:
    """Nothing else happens with it."""


def account_id(actor: Actor) -> int | None:
    """The account's key; None for the console."""
    return actor.pk if isinstance(actor, Account) else None


def locked(register_id: int) -> Register:
    """The register, locked against every other change until the transaction ends.

    What its rows' triggers count isn't read with it: saving it would write the figure of before.
    """
    return (
        Register.objects.select_for_update(no_key=True, of=("self",))
        .select_related("reporting_unit__supervisor", "endorser", "issuing_unit")
        .defer("source", "photo_count")
        .get(pk=register_id)
    )


def editable(actor: Actor, register_id: int, action: Action) -> Register:
    """The locked register, if the account may change its content now."""
    register = locked(register_id)
    require(actor, action, register)
    lifecycle.of(register).target(action, register.state)
    return register


def check_again(register: Register, rows: Sequence[StoredRow]) -> CheckResult:
    """Checks all rows as they are now and stores the outcome; ``live_check`` for single changes."""
    result = check(register, [row.tidy for row in rows])
    save_outcome(register, rows, result)
    register.save(update_fields=["row_count", "error_count", "warning_count"])
    return result


def refresh(register_id: int) -> Register:
    """Checks the register against the approval documents as they are now.

    In a transaction of its own, so that what is found stays to be seen when the step that asked
    for it is refused.
    """
    with transaction.atomic():
        register = locked(register_id)
        check_again(register, stored_rows(register))
    return register


def touch(register: Register) -> None:
    """One version on: whoever looks at the older one must look again."""
    register.version += 1
    register.save(update_fields=["version", "changed_at"])


def row_gone() -> Refusal:
    """The refusal of work on a row that isn't there."""
    return Refusal(
        "register.row_gone", "这一行已经不在登记表中，可能已被他人删除。", mend="请刷新页面。"
    )


def suggestion_gone() -> Refusal:
    """The refusal of a suggestion that the checks no longer make."""
    return Refusal("finding.gone", "这一处已经更正，或已重新检查。", mend="请刷新页面。")


def changed_before(row: RegisterRow, keys: Sequence[str]) -> Conflict:
    """The refusal that names who changed the row first, when, and to what."""
    who = row.changed_by.display_name if row.changed_by else "他人"
    when = timezone.localtime(row.changed_at)
    now = "；".join(f"{TITLES[key]}：{kept_text(row, key) or '（空）'}" for key in keys)
    return Conflict(
        "register.row_changed",
        f"{who}已于{when:%H:%M:%S}先修改了这一行，您的修改没有保存。",
        clause="N18",
        found=now,
        expected="打开时的内容",
        mend="请核对现在的内容后重新修改。",
    )


def kept_text(row: RegisterRow, key: str) -> str:
    """What the pages show of a cell: ID numbers masked."""
    kept = {"id_number": "id_number_masked", "approval_date": "approval_date_text"}
    return str(getattr(row, kept.get(key, key)))


def apply(row: StoredRow, changes: Mapping[str, str]) -> Change:
    """Puts new texts into the row, tidied; gives what changed, as the audit may keep it."""
    cells: list[Any] = list(row.tidy.values)
    for key, text in changes.items():
        cells[KEYS.index(key)] = text
    before = row.tidy
    after = Tidier().row(before.excel_row, cells)
    columns = [column for column, key in enumerate(KEYS) if key in changes]
    after.done = [told for told in after.done if told[0] in columns]
    if ID_NUMBER not in columns:
        after.lost = before.lost
    number = after.values[ID_NUMBER]
    after.key = blind_index(number) if number else b""
    row.tidy = after
    today = timezone.localdate()
    return {
        COLUMNS[column].title: [
            shown(column, before.values[column], today),
            shown(column, after.values[column], today),
        ]
        for column in columns
        if before.values[column] != after.values[column]
    }


def forget_tidied(register: Register, changes: Mapping[int, Sequence[str]]) -> None:
    """Tidied findings of cells that were changed no longer tell of them."""
    titles = {column.key: column.title for column in COLUMNS}
    told = register.findings.filter(severity=Severity.TIDIED, row__in=list(changes))
    gone = [
        finding.pk
        for finding in told
        if finding.row_id is not None
        and finding.column in {titles[key] for key in changes[finding.row_id]}
    ]
    if gone:
        RegisterFinding.objects.filter(pk__in=gone).delete()


def offered_value(finding: RegisterFinding, key: str) -> str:
    """What accepting the finding's suggestion puts into the cell; raises Refusal without one."""
    person: ApprovedPerson | None = finding.suggested_person
    if finding.suggestion and finding.severity != Severity.TIDIED:
        if person is not None:
            if key == "id_number":
                return reveal(bytes(person.id_number_cipher))
            if key == "document_number":
                return person.document.number
            if key == "approval_date":
                return person.approval_date.isoformat()
            if key in _OFFERED:
                return str(getattr(person, _OFFERED[key]))
        if key != "id_number":
            return finding.suggestion
    raise Refusal(
        "finding.no_suggestion",
        "这一处没有可以采用的建议。",
        found=finding.message,
        mend="请直接更正单元格。",
    )
