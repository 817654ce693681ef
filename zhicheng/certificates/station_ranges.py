"""A whole pile at once: from the first to the last serial, for whoever has counted it (N8)."""

from collections.abc import Sequence
from dataclasses import dataclass

from zhicheng.audit.recording import recorded, retrying
from zhicheng.blanks import alarms
from zhicheng.blanks.models import Channel
from zhicheng.certificates import owners
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.scan_text import serial_of
from zhicheng.certificates.scanned import by_code
from zhicheng.certificates.stations import Station
from zhicheng.certificates.turning_up import turned_up
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange, ranges_of

MOST = 2000


@dataclass(frozen=True)
class Pile:
    """What lies between two serials, as far as it is this station's business.

    ``ready`` are recorded; ``done`` were recorded before; ``other`` are mine and can't be recorded
    now.
    """

    serials: SerialRange
    ready: tuple[Certificate, ...]
    done: tuple[Certificate, ...]
    other: tuple[Certificate, ...]

    @property
    def missing(self) -> int:
        """How many serials of the range bear nothing that this station records or did."""
        return len(self.serials) - len(self.ready) - len(self.done) - len(self.other)

    def ranges(self, part: Sequence[Certificate]) -> list[SerialRange]:
        """Some of them as ranges of serials."""
        return ranges_of(item.blank_serial or 0 for item in part)


def serials_between(actor: Account, station: Station, first: str, last: str) -> SerialRange:
    """Both ends as scanned: blank serials, or numbers of certificates lying on blanks.

    An end that is void or reported lost was in somebody's hands, so it turned up; what lies between
    is only counted.
    """
    ends = []
    for text in (first.strip(), last.strip()):
        certificate = by_code(text, serial_of(text)) if text else None
        gone = turned_up(actor, certificate, station.place) if certificate else None
        if gone is not None:
            raise gone
        serial = certificate.blank_serial if certificate else serial_of(text)
        if serial is None:
            raise Refusal(
                "station.end_unknown",
                "成叠登记须扫描第一本和最后一本。",
                clause="N8",
                found=text[:40] or "未扫描",
                expected="空白证书编号或证书编号",
                mend="请重新扫描首尾两本。",
            )
        ends.append(serial)
    both = SerialRange(min(ends), max(ends))
    if len(both) > MOST:
        raise Refusal(
            "station.range_too_long",
            "首尾两本相隔过远，没有登记。",
            clause="N8",
            found=f"{both}，共 {len(both)} 个编号",
            expected=f"一次最多 {MOST} 本",
            mend="请分成几叠，每叠扫描首尾两本。",
        )
    return both


def pile(actor: Account, station: Station, first: str, last: str) -> Pile:
    """What a range would record; the numbers that the person confirms."""
    both = serials_between(actor, station, first, last)
    alarms.refuse_blocked(actor, [both], channel=Channel.SCAN, attempted=station.place)
    mine = Certificate.objects.filter(blank_serial__range=(both.first, both.last))
    if station.action == Action.CERTIFICATE_EMBOSS:
        mine = mine.filter(embosser=actor.organization_id)
    else:
        mine = mine.filter(issuing_unit=actor.organization_id)
    found = list(
        mine.order_by("blank_serial").only(
            "pk",
            "number",
            "state",
            "blank_serial",
            "register",
            "reissue",
            "filled_at",
        )
    )
    ready = [item for item in found if item.state in station.sources]
    done = [item for item in found if item.state in station.done_states]
    taken = {item.pk for item in (*ready, *done)}
    other = [item for item in found if item.pk not in taken]
    return Pile(both, tuple(ready), tuple(done), tuple(other))


@retrying
def record_pile(
    *,
    actor: Account,
    station: Station,
    first: str,
    last: str,
    counted: int | None,
    agent_id: int | None = None,
) -> Pile:
    """Records every certificate of the range that waits for this step: all of them or none.

    ``counted`` is what the person counted in the pile; it must be what will be recorded.
    """
    found = pile(actor, station, first, last)
    if counted != len(found.ready) or not counted:
        raise Refusal(
            "station.count_differs",
            "清点的本数与可以登记的本数不一致，没有登记。",
            clause="N8",
            found="未填写本数" if counted is None else f"清点 {counted} 本",
            expected=f"{found.serials} 之间可以登记的 {len(found.ready)} 本",
            mend="请重新清点这一叠，或逐本扫描。",
        )
    more = {}
    if station.action == Action.CERTIFICATE_ISSUE:
        if agent_id is None:
            raise Refusal(
                "station.pile_needs_agent",
                "成叠发放只能发给登记过授权的代领人。",
                clause="N8",
                found="未登记代领人",
                expected="单位经办人凭授权成批代领",
                mend="请先登记代领人并上传授权材料；发给本人的，请逐本扫描。",
            )
        more = {"agent_id": agent_id, "id_checked": True}
    groups: dict[tuple[int, int], list[Certificate]] = {}
    for item in found.ready:
        groups.setdefault((item.register_id or 0, item.reissue or 0), []).append(item)
    with recorded(actor, station.action):
        for _key, items in sorted(groups.items()):
            station.run(
                actor=actor,
                certificate_ids=[item.pk for item in items],
                **more,
                **owners.named(items[0]),
            )
    return found
