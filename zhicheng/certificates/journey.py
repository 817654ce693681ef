"""The later half of a register's way, told to the register's page: 配发 … 发放 (N5, N8)."""

from collections.abc import Sequence

from django.db.models import Count
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from zhicheng.blanks.models import AllotmentState
from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.organizations.models import Kind, Organization
from zhicheng.registers.journey import DONE, NOW, TODO, Later, Step
from zhicheng.registers.models import Register

_PATH = (
    CertificateState.FILLED,
    CertificateState.SEALED,
    CertificateState.EMBOSSED,
    CertificateState.ISSUED,
)


def later_steps(register: Register) -> Later:
    """The steps after acceptance with how many certificates have passed each, in two reads."""
    allotted = set(register.allotments.values_list("state", flat=True))
    counts: dict[tuple[str, str], int] = {
        (state, embosser): number
        for state, embosser, number in Certificate.objects.filter(register=register)
        .order_by()
        .values_list("state", "embosser__name")
        .annotate(number=Count("id"))
    }
    people = register.row_count
    passed = [
        sum(number for (state, _who), number in counts.items() if state in _PATH[place:])
        for place in range(len(_PATH))
    ]
    received = bool(allotted) and allotted == {AllotmentState.RECEIVED.value}
    return Later(
        _steps(received, passed, people),
        _now(register, allotted, counts, passed),
        *_where(register, received, issued=passed[-1] >= people),
    )


def _steps(received: bool, passed: Sequence[int], people: int) -> list[Step]:
    done = [received, *(count >= people > 0 for count in passed)]
    notes = ["", *(f"{count}/{people}" if 0 < count < people else "" for count in passed)]
    names = (
        ("allot", _("配发")),
        ("fill_in", _("填制")),
        ("seal", _("公章")),
        ("emboss", _("钢印")),
        ("issue", _("发放")),
    )
    first_open = done.index(False) if False in done else len(done)
    return [
        Step(
            key, label, DONE if done[place] else NOW if place == first_open else TODO, notes[place]
        )
        for place, (key, label) in enumerate(names)
    ]


def _now(
    register: Register,
    allotted: set[str],
    counts: dict[tuple[str, str], int],
    passed: Sequence[int],
) -> str:
    """One sentence: what happens next and who does it."""
    issuer, people = register.issuing_unit.name, register.row_count
    if not allotted or AllotmentState.ALLOTTED in allotted:
        office = Organization.objects.filter(kind=Kind.MUNICIPAL_OFFICE, valid_to=None).first()
        who = (office.called) if office else str(Kind.MUNICIPAL_OFFICE.label)
        if not allotted:
            return _("等待%(who)s配发空白证书。") % {"who": who}
        return _("空白证书已配发，等待%(who)s移交。") % {"who": who}
    if AllotmentState.HANDED_OVER in allotted:
        return _("空白证书已移交，等待%(who)s签收。") % {"who": issuer}
    if passed[0] < people:
        return _("由%(who)s填制证书，还有 %(count)d 本。") % {
            "who": issuer,
            "count": people - passed[0],
        }
    if passed[1] < people:
        return _("由%(who)s加盖公章，还有 %(count)d 本。") % {
            "who": issuer,
            "count": people - passed[1],
        }
    if passed[2] < people:
        embossers = sorted(
            who for (state, who), _number in counts.items() if state == CertificateState.SEALED
        )
        return _("由%(who)s加盖钢印，还有 %(count)d 本。") % {
            "who": "、".join(embossers),
            "count": people - passed[2],
        }
    if passed[3] < people:
        return _("由%(who)s发放，还有 %(count)d 本。") % {
            "who": issuer,
            "count": people - passed[3],
        }
    return _("证书已全部发放。")


def _where(register: Register, received: bool, *, issued: bool) -> tuple[str, str]:
    """Where the next step is done; nothing while that page doesn't exist."""
    route, label = ("certificates:register", _("办理证书"))
    if not received:
        route, label = "blanks:allotment", _("查看配发")
    elif issued:
        label = _("查看证书")
    try:
        return reverse(route, args=[register.pk]), label
    except NoReverseMatch:
        return "", ""
