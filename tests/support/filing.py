"""Registers filed through the real actions, from real files, for the tests of approvals, registers
and whatever comes after them."""

from dataclasses import dataclass, field
from datetime import date

from tests.support.city import City
from zhicheng.approvals.actions import import_list
from zhicheng.approvals.records import record_review
from zhicheng.demo.faults import FaultyCity
from zhicheng.demo.workbooks import Line, Listed, approval_list, register
from zhicheng.organizations.models import Organization
from zhicheng.registers import actions
from zhicheng.registers.models import Register


@dataclass
class Filing:
    """The hospital's papers: lists people, makes registers of them and carries these along."""

    city: City
    papers: FaultyCity = field(init=False)
    imported: int = 0

    def __post_init__(self) -> None:
        self.papers = FaultyCity(
            unit=self.city.hospital.name,
            department=self.city.health.name,
            university=self.city.enterprise.name,
        )

    def announce(self) -> None:
        """Imports whoever was listed since the last time."""
        fresh = self.papers.listed[self.imported :]
        self.imported = len(self.papers.listed)
        report = import_list(
            actor=self.city.who("office", "clerk"), content=approval_list(fresh), name="名单.xlsx"
        )
        assert report.taken, report.as_text()

    def self_review(self, unit: Organization, number: str = "自主备1") -> None:
        """Puts the unit on record for the whole year."""
        record_review(
            mode="self_managed",
            actor=self.city.who("office", "officer"),
            unit_id=unit.pk,
            number=number,
            scope="全部系列",
            valid_from=date(2026, 1, 1),
            valid_to=date(2026, 12, 31),
        )

    def lines(self, count: int, **listed: object) -> list[Line]:
        """Clean lines of newly listed and imported people."""
        made = [self.papers.clean(**listed) for _ in range(count)]
        self.announce()
        return made

    def file(self, lines: list[Line]) -> bytes:
        """The unit's Excel file."""
        return register(
            lines, unit=self.city.hospital.name, year=2026, filler="甲", telephone="023"
        )

    def upload(self, lines: list[Line], *, who: str = "hospital") -> Register:
        """Uploads the file as the clerk of ``who``."""
        return actions.upload_register(
            actor=self.city.who(who, "clerk"), content=self.file(lines), name="登记表.xlsx"
        )

    def filed(self, lines: list[Line]) -> Register:
        """Uploaded, submitted and endorsed: waits for the office."""
        made = self.upload(lines)
        actions.submit(actor=self.city.who("hospital", "clerk"), register_id=made.pk)
        return actions.endorse(actor=self.city.who("health", "officer"), register_id=made.pk)

    def accepted(self, lines: list[Line]) -> Register:
        """Accepted by the office."""
        made = self.filed(lines)
        return actions.accept(actor=self.city.who("office", "officer"), register_id=made.pk)


__all__ = ["Filing", "Line", "Listed"]
