"""The papers of a made-up city for counting: registers, allotments, their moments."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.support.city import City
from zhicheng.approvals.models import ApprovalDocument
from zhicheng.blanks.models import Allotment
from zhicheng.organizations.models import Organization
from zhicheng.registers.models import Register
from zhicheng.reissues.models import Reissue

YEARS = range(2021, 2027)
CHINA = ZoneInfo("Asia/Shanghai")


@dataclass
class Places:
    """Where people work and who issues."""

    units: list[Organization]
    issuers: list[Organization]
    departments: list[Organization]


def registers_of(where: Places, chance: random.Random, count: int) -> list[Register]:
    found = []
    for number in range(count):
        unit = chance.choice(where.units)
        found.append(
            Register(
                number=f"S{number:07d}",
                reporting_unit=unit,
                issuing_unit=unit if unit.has_authority else unit.supervisor or unit,
                year=chance.choice(YEARS),
                accepted_at=moment_in(chance, 2021),
            )
        )
    return Register.objects.bulk_create(found)


def walk(
    documents: list[ApprovalDocument],
    registers: list[Register],
    reissues: list[Reissue],
    chance: random.Random,
) -> None:
    """Moments before acceptance and of applications; some are missing or turned round."""

    def later(moment: datetime, days: int) -> datetime:
        return moment + timedelta(days=chance.randrange(-1, days), hours=chance.randrange(24))

    for document in documents:
        # By a statement: a new row has the present as its time of import.
        ApprovalDocument.objects.filter(pk=document.pk).update(imported_at=moment_in(chance, 2021))
    for number, register in enumerate(registers):
        accepted = register.accepted_at or moment_in(chance, 2021)
        register.submitted_at = None if number % 11 == 0 else later(accepted, 1) - timedelta(20)
        if register.submitted_at and number % 3:
            register.endorsed_at = later(register.submitted_at, 19)
        if number % 7 == 5:
            register.accepted_at = None
    Register.objects.bulk_update(registers, ["submitted_at", "endorsed_at", "accepted_at"])
    for number, reissue in enumerate(reissues):
        reissue.submitted_at = moment_in(chance, chance.choice(YEARS))
        reissue.accepted_at = later(reissue.submitted_at, 9)
        reissue.granted_at = later(reissue.accepted_at, 30) if number % 8 else None
        reissue.done_at = later(reissue.accepted_at, 60) if number % 5 else None


def submit(registers: list[Register], city: City) -> None:
    """Those that have a time of submission are on their way; some of them were returned."""
    for number, register in enumerate(registers):
        if register.submitted_at:
            register.state = "returned" if number % 5 == 4 else "filed"
            register.submitted_by = city.who("hospital", "clerk")
            register.returned_at, register.return_reason = register.submitted_at, "更正"
    Register.objects.bulk_update(
        registers, ["state", "submitted_by", "returned_at", "return_reason"]
    )


def allotments_of(registers: list[Register], chance: random.Random) -> list[Allotment]:
    found = []
    for number, register in enumerate(registers):
        for grade in ("senior", "junior")[: 1 + number % 2]:
            at = (register.accepted_at or moment_in(chance, 2021)) + timedelta(
                days=chance.randrange(-1, 20)
            )
            handed = at + timedelta(days=chance.randrange(9)) if number % 5 else None
            found.append(
                Allotment(
                    register=register,
                    grade=grade,
                    people=1,
                    spares=0,
                    rate=0,
                    state="withdrawn" if number % 9 == 4 else "allotted",
                    allotted_at=at,
                    handed_over_at=handed,
                    received_at=handed + timedelta(hours=chance.randrange(200))
                    if handed and number % 4
                    else None,
                )
            )
    return found


def moment_in(chance: random.Random, year: int) -> datetime:
    """Also the last hours of a year, which belong to another one in Greenwich."""
    if chance.random() < 0.1:
        return datetime(year, 12, 31, 23, 30, tzinfo=CHINA)
    return datetime(year, 1, 1, 0, 10, tzinfo=CHINA) + timedelta(
        days=chance.randrange(365), minutes=chance.randrange(1400)
    )
