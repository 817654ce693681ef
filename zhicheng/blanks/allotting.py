"""How many blanks of which kind a register gets, has, and needs (N5, N9): pure rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from zhicheng.blanks.rules import difference, require_stock
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange, count, format_serial, merge, take


@dataclass(frozen=True)
class Share:
    """What one grade of a register gets: from what the unit carried over, and from the store.

    Carried-over blanks were spares, so they are spares first; the rest goes to the people.
    """

    people: int
    spares: int
    carried: tuple[SerialRange, ...]
    grade_label: str

    @property
    def carried_as_spares(self) -> list[SerialRange]:
        """The lowest of the carried-over ones."""
        return take(self.carried, self.spares)

    @property
    def carried_as_rows(self) -> list[SerialRange]:
        """What is carried over beyond the spares."""
        return difference(self.carried, self.carried_as_spares)

    @property
    def rows_from_store(self) -> int:
        """How many the office hands out for people."""
        return self.people - count(self.carried_as_rows)

    @property
    def total_from_store(self) -> int:
        """How many the office hands out."""
        return self.people + self.spares - count(self.carried)

    def proposed(self, lowest: Sequence[SerialRange]) -> list[SerialRange]:
        """What comes from the store when nobody chose: its lowest serials (N5)."""
        require_stock(self.total_from_store, lowest, self.grade_label)
        return merge(lowest)

    def chosen(
        self, chosen: Sequence[SerialRange], stock: Sequence[SerialRange]
    ) -> list[SerialRange]:
        """The chosen serials when they are in the store and as many as are due (N5)."""
        missing = difference(chosen, stock)
        if missing:
            raise Refusal(
                "allotment.not_in_store",
                f"所选的编号中有的不在{self.grade_label}市库存中，不能配发。",
                clause="N5",
                found="、".join(str(item) for item in missing[:5]),
                expected=f"{self.grade_label}市库存中的编号",
                mend="请核对扫描的编号，或改用系统建议的编号。",
            )
        if count(chosen) != self.total_from_store:
            raise Refusal(
                "allotment.wrong_number",
                f"所选{self.grade_label}空白证书的本数与应配发的本数不一致。",
                clause="N5",
                found=f"所选 {count(chosen)} 本",
                expected=f"{self.total_from_store} 本",
                mend="请按应配发的本数重新选择编号。",
            )
        return merge(chosen)


def share(people: int, spares: int, carried_over: Sequence[SerialRange], grade_label: str) -> Share:
    """How ``people`` and ``spares`` are served, the unit's carried-over blanks first."""
    return Share(people, spares, tuple(take(carried_over, people + spares)), grade_label)


@dataclass(frozen=True)
class Standing:
    """The blanks of one grade of a register: how many lie in which state (``counts``).

    ``due`` are spoiled ones that wait for an exchange.
    """

    people: int
    spares_allotted: int
    received: bool
    counts: Mapping[str, int] = field(default_factory=dict)
    due: int = 0

    def _of(self, *states: str) -> int:
        return sum(self.counts.get(state, 0) for state in states)

    @property
    def spares(self) -> int:
        """Spares that the unit still has."""
        return self._of("spare")

    @property
    def left_over(self) -> int:
        """Blanks that nobody's certificate lies on."""
        return self._of("unit", "spare")

    @property
    def complete(self) -> bool:
        """Whether every accepted person of the grade has the certificate in hand."""
        return self.received and self._of("on_certificate") >= self.people > 0

    @property
    def live(self) -> int:
        """Blanks that are or can become certificates (invariant 6)."""
        return self._of("reserved", "in_transit", "unit", "spare", "filling", "on_certificate")

    @property
    def short(self) -> int:
        """People for whom there is no blank, spares not counted."""
        if not self.received:
            return 0
        return max(0, self.people - self._of("unit", "filling", "on_certificate"))

    @property
    def room(self) -> int:
        """How many blanks may come to the register before it has more than its due.

        Lost ones may be found again, so their places are kept.
        """
        return max(0, self.people + self.spares_allotted - self.live - self._of("lost"))


def require_complete(standing: Standing, number: str) -> None:
    """Refuses to dispose of blanks while certificates of the register still wait (N5, N9)."""
    if not standing.complete:
        raise Refusal(
            "left_over.register_not_complete",
            "该登记表还有证书没有发放，空白证书和备用证书还可能用到，不能处理。",
            clause="N5",
            found=f"已发放 {standing.counts.get('on_certificate', 0)} 本",
            expected=f"{number} 的 {standing.people} 本全部发放",
            mend="请在全部证书发放后再处理剩余证书。",
        )


def require_allowed(way: str, allowed: Sequence[str], labels: Mapping[str, str]) -> None:
    """Refuses a way that the dated policy doesn't open."""
    if way not in allowed:
        raise Refusal(
            "left_over.way_not_allowed",
            "现行的剩余证书处理办法不允许这样处理。",
            clause="N5",
            found=labels.get(way, way),
            expected="、".join(labels[item] for item in allowed),
            mend="请按允许的办法处理，或由市职改办调整处理办法。",
        )


def require_held(serials: Sequence[SerialRange], held: Sequence[SerialRange], who: str) -> None:
    """Refuses to move what the register's unit doesn't hold as left over."""
    missing = difference(serials, held)
    if missing or not serials:
        raise Refusal(
            "left_over.not_held",
            "这些编号不是该登记表剩余的空白证书或备用证书，不能处理。",
            clause="N5",
            found=format_serial(missing[0].first) if missing else "未指定编号",
            expected=f"{who} 剩余：" + ("、".join(str(item) for item in held[:5]) or "无"),
            mend="请核对编号和所选的登记表。",
        )


def require_same_unit(source_unit: int, target_unit: int, *, same_register: bool) -> None:
    """Spares move between registers of one unit, and nowhere else (N5)."""
    if source_unit != target_unit or same_register:
        raise Refusal(
            "left_over.other_unit",
            "剩余证书只能调剂到本单位的其他登记表。",
            clause="N5",
            found="同一份登记表" if same_register else "其他单位的登记表",
            expected="本单位的另一份登记表",
            mend="其他单位需要的，请先交回市库存，由市职改办配发。",
        )


def require_room(wanted: int, standing: Standing, number: str) -> None:
    """Refuses to give a register more than its people and spares (invariant 6)."""
    if not standing.received or standing.complete:
        raise Refusal(
            "left_over.target_not_in_work",
            "只能调剂到已签收、还有证书未发放的登记表。",
            clause="N5",
            found=f"{number} " + ("证书已全部发放" if standing.complete else "尚未签收空白证书"),
            expected="正在办理证书的登记表",
        )
    if wanted > standing.room:
        raise Refusal(
            "left_over.more_than_needed",
            "调剂后该登记表的空白证书将超过人数与备用之和。",
            clause="N5",
            found=f"调剂 {wanted} 本",
            expected=f"{number} 最多还可调入 {standing.room} 本",
            mend="请减少调剂的本数，其余交回或结转。",
        )


def require_difference(
    missing: Sequence[SerialRange],
    damaged: Sequence[SerialRange],
    on_slip: Sequence[SerialRange],
) -> None:
    """Refuses a difference at the receipt that isn't one of what stands on the slip (N18)."""
    strange = difference([*missing, *damaged], on_slip)
    if strange:
        raise Refusal(
            "receipt.not_on_slip",
            "缺少或损坏的编号应是交接单上的编号。",
            clause="N18",
            found="、".join(str(item) for item in strange[:5]),
            expected="、".join(str(item) for item in on_slip[:5]),
            mend="请按交接单核对编号；多出的空白证书请退回市职改办。",
        )
    both = difference(missing, difference(missing, damaged))
    if both:
        raise Refusal(
            "receipt.named_twice",
            "同一编号不能既缺少又损坏。",
            clause="N18",
            found="、".join(str(item) for item in both[:5]),
            expected="每个编号只归入一类",
        )
