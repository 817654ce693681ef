"""The scanner's stations: one scan, one record, one answer (N8).

Everything that is recorded goes through the path's own actions; here is only which of them, and
what the person at the station is told. A second scan of the same certificate changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from zhicheng.certificates import actions, owners
from zhicheng.certificates.lifecycle import CERTIFICATE
from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.certificates.queries.transfers import where_are
from zhicheng.certificates.scanned import Scanned, Trouble, find, sees
from zhicheng.certificates.transfer_rules import Place
from zhicheng.certificates.turning_up import turned_up
from zhicheng.credentials.rules import REASONS, Reason
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import format_serial
from zhicheng.values.text import hide_id_numbers
from zhicheng.web.language import in_chinese

GOOD, AGAIN, BAD, ALARM, ASK, GO = "good", "again", "bad", "alarm", "ask", "go"


@dataclass(frozen=True)
class Station:
    """One step of the path as a station: what it is called and what it records."""

    slug: str
    action: Action
    title: str | Promise
    purpose: str | Promise
    done: str | Promise
    again: str | Promise
    done_states: tuple[str, ...]
    run: Callable[..., actions.Batch]

    @property
    def sources(self) -> frozenset[str]:
        """The states from which the step is possible."""
        return CERTIFICATE.sources(self.action)

    @property
    @in_chinese
    def place(self) -> str:
        """The title as it goes on record: in Chinese, whatever language is read at the station."""
        return str(self.title)


_AFTER_SEAL = (CertificateState.SEALED, CertificateState.EMBOSSED, CertificateState.ISSUED)
STATIONS: Mapping[str, Station] = {
    item.slug: item
    for item in (
        Station(
            "official-seal",
            Action.CERTIFICATE_SEAL,
            _l("公章工位"),
            _l("盖一本、扫一本：在实物上加盖公章后，扫描证书编号、空白证书编号或证书二维码。"),
            _l("已登记加盖公章"),
            _l("已经盖过公章"),
            tuple(state.value for state in _AFTER_SEAL),
            actions.seal,
        ),
        Station(
            "embossed-seal",
            Action.CERTIFICATE_EMBOSS,
            _l("钢印工位"),
            _l("盖一本、扫一本：高级证书由市职改办加盖钢印，中、初级证书由资格核准部门加盖。"),
            _l("已登记加盖钢印"),
            _l("已经盖过钢印"),
            tuple(state.value for state in _AFTER_SEAL[1:]),
            actions.emboss,
        ),
        Station(
            "issue",
            Action.CERTIFICATE_ISSUE,
            _l("发放工位"),
            _l("签章完备后方能发放：扫描证书，核对身份证，发给本人或代领人。"),
            _l("已登记发放"),
            _l("已经发放"),
            (CertificateState.ISSUED.value,),
            actions.issue,
        ),
    )
}


@dataclass
class Answer:
    """What the page shows over the whole panel, says and plays.

    ``outcome`` is good, again (done before: yellow), bad, alarm, ask (show the ID card first) or
    go (another page does it); ``title`` the big text, ``detail`` what to do.
    """

    outcome: str
    title: str
    detail: str = ""
    certificate: Certificate | None = None
    register: dict[str, Any] | None = None
    url: str = ""
    clause: str = ""
    mine: bool = False
    more: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For the page; no whole ID number is in it."""
        item = self.certificate
        shown = {
            "outcome": self.outcome,
            "title": self.title,
            "detail": self.detail,
            "clause": self.clause,
            "register": self.register,
            "url": self.url,
            "mine": self.mine,
            **self.more,
        }
        if item is not None:
            shown |= {
                "number": item.number,
                "name": item.name,
                "serial": format_serial(item.blank_serial) if item.blank_serial else "",
                "grade": item.get_grade_display(),
                "position": item.position if item.register_id else None,
            }
        return shown


def scan(
    actor: Account,
    station: Station,
    text: str,
    *,
    agent_id: int | None = None,
    id_checked: bool = False,
) -> Answer:
    """Records one scan at a station and says what came of it; never raises a refusal."""
    found = find(actor, text, where=station.place)
    if found.slip is not None:
        return Answer(GO, found.slip.number, url=found.slip.get_absolute_url())
    if found.certificate is None:
        return troubled(found)
    certificate = found.certificate
    gone = turned_up(actor, certificate, station.place)
    if gone is not None:
        return refused(gone, certificate if sees(actor, certificate) else None)
    try:
        return _judge(actor, station, certificate) or _record(
            actor, station, certificate, agent_id=agent_id, id_checked=id_checked
        )
    except Refusal as refusal:
        return refused(refusal, certificate if sees(actor, certificate) else None)


def refused(refusal: Refusal, certificate: Certificate | None = None) -> Answer:
    """A rule's no as the station shows it."""
    parts = []
    if refusal.found:
        parts.append(_("现为：%(found)s") % {"found": refusal.found})
    if refusal.expected:
        parts.append(_("应为：%(expected)s") % {"expected": refusal.expected})
    if refusal.mend:
        parts.append(refusal.mend)
    return Answer(BAD, refusal.message, "　".join(parts), certificate, clause=refusal.clause)


def troubled(found: Scanned) -> Answer:
    """No certificate in hand, and why."""
    serial = format_serial(found.serial) if found.serial else found.code
    match found.trouble:
        case Trouble.BLOCKED if found.blocked is not None:
            refusal = found.blocked
            return Answer(
                ALARM,
                _("失控证书！请扣下实物"),
                f"{refusal.message}{refusal.found}。{refusal.mend}",
                url=refusal.link[0] if refusal.link else "",
                clause="N18",
            )
        case Trouble.SPOILED:
            return Answer(
                BAD,
                _("废旧证书 %(serial)s") % {"serial": serial},
                _("这本空白证书已登记作废，不能再用。请放到废旧证书一叠，待交回市职改办。"),
                clause="N9",
            )
        case Trouble.OLD_PAPER:
            return Answer(
                BAD,
                _("这是作废的旧页"),
                _("证书 %(number)s 已重制在另一本空白证书上，这一本不能再用。")
                % {"number": found.code},
                clause="N9",
            )
        case Trouble.NO_CREDENTIAL:
            return Answer(
                BAD,
                _("二维码不能使用"),
                _(REASONS[found.reason or Reason.NOT_A_CREDENTIAL]),
                clause="N18",
            )
        case Trouble.UNREADABLE:
            return Answer(BAD, _("没有读到编号"), _("请重新扫描，或手工输入证书编号后按回车。"))
    return Answer(
        BAD,
        _("没有这个编号"),
        _("系统中没有 %(code)s。请核对是否扫到别的条码；确为职称证书的，请扣下实物并报告。")
        % {"code": hide_id_numbers(found.code[:40])},
    )


def _judge(actor: Account, station: Station, item: Certificate) -> Answer | None:
    """Why it isn't recorded; None when nothing stands against it but the action's own rules."""
    if station.action == Action.CERTIFICATE_EMBOSS:
        if item.embosser_id != actor.organization_id:
            return _other_embosser(actor, item)
    elif item.issuing_unit_id != actor.organization_id:
        if not sees(actor, item):
            return Answer(BAD, _("不是本单位的证书"), _("请取出，交还发放单位。"), clause="N3")
        return Answer(
            BAD,
            _("不由本单位办理"),
            _("由%(unit)s办理和发放，请送回该单位。") % {"unit": item.issuing_unit.name},
            item,
            clause="N3",
        )
    if item.state in station.done_states:
        return _done_before(actor, station, item)
    if item.state not in station.sources:
        return _not_yet(item)
    return None


def _other_embosser(actor: Account, item: Certificate) -> Answer:
    """Where to bring it: the municipal office for senior, the approving department else (N8)."""
    if item.grade == Grade.SENIOR:
        title = _("高级证书由市职改办加盖钢印")
    else:
        title = _("由资格核准部门加盖钢印")
    return Answer(
        BAD,
        title,
        _("请送%(unit)s。") % {"unit": item.embosser.name},
        item if sees(actor, item) else None,
        clause="N8",
    )


def _not_yet(item: Certificate) -> Answer:
    lacking = {
        CertificateState.FILLED.value: _("还没有加盖公章"),
        CertificateState.SEALED.value: _("还没有加盖钢印"),
        CertificateState.AWAITING_BLANK.value: _("还没有换到空白证书"),
    }
    return Answer(
        BAD,
        lacking.get(item.state, _("不能办理")),
        _("现为：%(state)s。签章完备后方能发放。") % {"state": item.get_state_display()},
        item,
        clause="N8",
    )


def _done_before(actor: Account, station: Station, item: Certificate) -> Answer:
    at, who = {
        Action.CERTIFICATE_SEAL: (item.official_seal_at, item.official_seal_by),
        Action.CERTIFICATE_EMBOSS: (item.embossed_at, item.embossed_by),
        Action.CERTIFICATE_ISSUE: (item.issued_at, item.issued_by),
    }[station.action]
    told = _("%(at)s 由%(who)s登记，这次没有重复登记。") % {
        "at": f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else "",
        "who": who.display_name if who else "",
    }
    if station.action == Action.CERTIFICATE_ISSUE:
        told += _("领取人：%(name)s（%(relation)s）。") % {
            "name": item.recipient,
            "relation": item.get_recipient_relation_display(),
        }
    return Answer(
        AGAIN,
        str(station.again),
        told,
        item,
        _progress(actor, station, item),
        mine=who is not None and who.pk == actor.pk,
        more={"age": (timezone.now() - at).total_seconds()} if at else {},
    )


def _record(
    actor: Account,
    station: Station,
    item: Certificate,
    *,
    agent_id: int | None,
    id_checked: bool,
) -> Answer:
    more: dict[str, Any] = {}
    if station.action == Action.CERTIFICATE_ISSUE:
        if agent_id is None and not id_checked:
            return Answer(
                ASK,
                _("请核对身份证"),
                _("请持证人出示身份证，核对姓名和号码后按回车发放。"),
                item,
                clause="N8",
                more={"masked": item.id_number_masked, "work_unit": item.work_unit},
            )
        more = {"agent_id": agent_id, "id_checked": True}
    where = where_are([item])[item.pk]
    station.run(actor=actor, certificate_ids=[item.pk], **more, **owners.named(item))
    detail = ""
    if where.place in (Place.THERE, Place.BACK, Place.MISSING):
        detail = _("位置：%(where)s。") % {"where": where.words}
    return Answer(
        GOOD, str(station.done), detail, item, _progress(actor, station, item), clause="N8"
    )


def _progress(actor: Account, station: Station, item: Certificate) -> dict[str, Any] | None:
    """How far the register is at this station: done of all that come here."""
    if item.register is None:
        return None
    return progress_of(actor, station, [item.register.pk])[0]


def progress_of(actor: Account, station: Station, registers: list[int]) -> list[dict[str, Any]]:
    """The registers with how many of their certificates are done at this station, one query."""
    mine = Certificate.objects.filter(register__in=registers)
    if station.action == Action.CERTIFICATE_EMBOSS:
        mine = mine.filter(embosser=actor.organization_id)
    else:
        mine = mine.filter(issuing_unit=actor.organization_id)
    counts: dict[int, dict[str, Any]] = {}
    for key, number, state, count in (
        mine.order_by()
        .values_list("register", "register__number", "state")
        .annotate(number=Count("pk"))
    ):
        entry = counts.setdefault(key, {"id": key, "number": number, "done": 0, "total": 0})
        entry["total"] += count
        if state in station.done_states:
            entry["done"] += count
    for key, entry in counts.items():
        entry["url"] = f"{reverse('certificates:scan_missing', args=[station.slug])}?register={key}"
    return [counts[key] for key in registers if key in counts]


def missing(actor: Account, station: Station, register_id: int) -> list[dict[str, Any]]:
    """The register's certificates that this station still lacks, in the order of the register."""
    found = Certificate.objects.filter(register=register_id).exclude(state__in=station.done_states)
    if station.action == Action.CERTIFICATE_EMBOSS:
        found = found.filter(embosser=actor.organization_id)
    else:
        found = found.filter(issuing_unit=actor.organization_id)
    lines = list(
        found.order_by("position").only(
            "pk", "position", "name", "number", "blank_serial", "state", "register"
        )
    )
    places = where_are(lines)
    embossing = station.action == Action.CERTIFICATE_EMBOSS
    usual = Place.EMBOSSER if embossing else Place.UNIT
    return [
        {
            "position": item.position,
            "name": item.name,
            "number": item.number,
            "serial": item.blank_serial,
            "state": item.state,
            "state_label": item.get_state_display(),
            "ready": item.state in station.sources,
            "where": places[item.pk],
            "away": places[item.pk].place != usual,
        }
        for item in lines
    ]
