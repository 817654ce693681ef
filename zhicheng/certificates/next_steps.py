"""What a register's certificates wait for, who does it, and what this account can press now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext as _

from zhicheng.blanks.models import LOSS_STATES
from zhicheng.certificates.models import CertificateState
from zhicheng.certificates.queries import station
from zhicheng.certificates.queries.station import UNFILLED, Blanks, Counts, may_do
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.registers.models import Register


@dataclass(frozen=True)
class NextStep:
    """Something that waits: ``text`` says what, how many and who; ``mine`` that I can do it."""

    key: str
    text: str
    count: int
    mine: bool = False


@dataclass(frozen=True)
class Offer:
    """A button of the work station: the dialog's key and how many wait for the step."""

    key: str
    action: Action
    count: int


def offers(
    account: Account, register: Register, counts: Counts, blanks: Mapping[str, Blanks]
) -> dict[str, Offer]:
    """The buttons that permission and lifecycle allow now, by key."""
    found: dict[str, Offer] = {}
    keys = {
        Action.CERTIFICATE_FILL: "fill",
        Action.CERTIFICATE_SEAL: "seal",
        Action.CERTIFICATE_EMBOSS: "emboss",
        Action.CERTIFICATE_ISSUE: "issue",
    }
    for action, key in keys.items():
        ready = counts.ready(action)
        if action == Action.CERTIFICATE_FILL:
            ready = sum(fillable(counts, blanks).values())
        if ready and may_do(account, action, register):
            found[key] = Offer(key, action, ready)
    printable = counts.by_place.get(CertificateState.FILLED, 0)
    if printable and may_do(account, Action.PRINT_JOB_START, register):
        found["print"] = Offer("print", Action.CERTIFICATE_PRINT, printable)
    spoilable = sum(item.to_fill + item.spares + item.filled for item in blanks.values())
    if spoilable and may_do(account, Action.CERTIFICATE_SPOIL, register):
        found["spoil"] = Offer("spoil", Action.CERTIFICATE_SPOIL, spoilable)
    return found


def fillable(counts: Counts, blanks: Mapping[str, Blanks]) -> dict[str, int]:
    """Per grade how many can be filled in: people who wait, as far as blanks are at hand."""
    ready = {
        grade.value: min(
            counts.ready(Action.CERTIFICATE_FILL, grade.value),
            blanks[grade.value].to_fill if grade.value in blanks else 0,
        )
        for grade in counts.grades
    }
    return {grade: number for grade, number in ready.items() if number}


def next_steps(
    account: Account, register: Register, counts: Counts, blanks: Mapping[str, Blanks]
) -> list[NextStep]:
    """Everything that waits on this register, from the first step to the last."""
    unit = register.issuing_unit.name
    steps: list[NextStep] = []

    def add(key: str, place: str, text: str, mine: bool) -> None:
        number = counts.by_place.get(place, 0)
        if number:
            steps.append(NextStep(key, text % {"count": number, "unit": unit}, number, mine))

    to_fill = counts.by_place.get(UNFILLED, 0)
    if to_fill and not blanks:
        add("allot", UNFILLED, _("%(count)d 人待配发空白证书：由市职改办配发。"), False)
    elif to_fill and any(item.under_way for item in blanks.values()):
        add("receive", UNFILLED, _("%(count)d 人待填制：%(unit)s先领取并签收空白证书。"), False)
    else:
        mine = may_do(account, Action.CERTIFICATE_FILL, register)
        add("fill", UNFILLED, _("%(count)d 人待填制：由%(unit)s经办人填制。"), mine)
    lost = any(item.held.counts.get(state) for item in blanks.values() for state in LOSS_STATES)
    add(
        "exchange",
        CertificateState.AWAITING_BLANK,
        _(
            "%(count)d 本缺空白证书：%(unit)s凭废旧证书到市职改办换取；"
            "因遗失而缺的，案卷结案后由市职改办补发。"
        )
        if lost
        else _("%(count)d 本待换取空白证书：%(unit)s凭废旧证书到市职改办换取后重新填制。"),
        may_do(account, Action.CERTIFICATE_FILL, register) and bool(fillable(counts, blanks)),
    )
    add(
        "seal",
        CertificateState.FILLED,
        _("%(count)d 本已填制：打印、核对后由%(unit)s负责人加盖公章。"),
        may_do(account, Action.CERTIFICATE_SEAL, register),
    )
    for name, number, mine in _embossers(account, register):
        text = _("%(count)d 本已盖公章：由%(unit)s钢印员加盖钢印。")
        steps.append(NextStep("emboss", text % {"count": number, "unit": name}, number, mine))
    add(
        "issue",
        CertificateState.EMBOSSED,
        _("%(count)d 本签章完备：由%(unit)s发放给持证人。"),
        may_do(account, Action.CERTIFICATE_ISSUE, register),
    )
    return steps


def _embossers(account: Account, register: Register) -> Sequence[tuple[str, int, bool]]:
    """Who has to emboss how many; senior by the office, the others by who approved (N8)."""
    waiting = (
        station.of(account, register)
        .filter(state=CertificateState.SEALED)
        .order_by("embosser")
        .values_list("embosser", "embosser__name")
        .annotate(number=Count("pk"))
    )
    may_emboss = may_do(account, Action.CERTIFICATE_EMBOSS, register)
    return [
        (name, number, may_emboss and embosser == account.organization_id)
        for embosser, name, number in waiting
    ]


def after(register: Register, account: Account) -> str:
    """What comes next, as one sentence for the message after a step."""
    counts = station.counts(account, register)
    if counts.people and counts.people == counts.by_place.get(CertificateState.ISSUED, 0):
        return _("本登记表的证书已全部发放。")
    steps = next_steps(account, register, counts, station.blanks_of(register))
    return (
        _("下一步：") + "；".join(step.text.rstrip("。") for step in steps) + "。" if steps else ""
    )
