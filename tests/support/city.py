"""A small city for tests: every kind of organisation, accounts of each role, registers to carry on.

Registers are accepted here through the tables, not through the register's actions, so that the
tests of the ledger and the certificates stand on their own.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils import timezone

from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson
from zhicheng.blanks import actions as stock
from zhicheng.certificates import actions as path
from zhicheng.credentials.actions import _make
from zhicheng.credentials.models import SigningKey
from zhicheng.organizations.guard import CONSOLE
from zhicheng.organizations.models import Account, Kind, Organization
from zhicheng.organizations.permissions import Role
from zhicheng.protection import blind_index, protect
from zhicheng.reference.models import Grade, Level
from zhicheng.registers.models import Register, RegisterRow, RegisterState
from zhicheng.values.id_number import check_digit, mask
from zhicheng.values.serials import SerialRange

PASSWORD = "correct-horse-9"
LEVELS = {
    Grade.SENIOR: (Level.SENIOR_DEPUTY, "副主任医师"),
    Grade.INTERMEDIATE: (Level.INTERMEDIATE, "主治医师"),
    Grade.JUNIOR: (Level.ASSISTANT, "医师"),
}
STEPS = ("allotted", "handed_over", "received", "filled", "sealed", "embossed", "issued")
PRINTED_ON = date(2026, 1, 5)
_counter = itertools.count(1)


@dataclass
class City:
    """The organisations, and one account per fitting role by ``city.who("health", "clerk")``."""

    office: Organization
    health: Organization
    industry: Organization
    district: Organization
    enterprise: Organization
    hospital: Organization
    accounts: dict[tuple[str, str], Account]

    def who(self, organization: str, role: str) -> Account:
        """The account of that organisation and role."""
        return self.accounts[organization, role]


def found_city() -> City:
    """Writes the city into an empty database."""

    def make(name: str, kind: Kind, **fields: object) -> Organization:
        return Organization.objects.create(name=name, short_name=name, kind=kind, **fields)

    office = make("市职改办", Kind.MUNICIPAL_OFFICE, has_authority=True)
    health = make(
        "市卫生健康委",
        Kind.MUNICIPAL_DEPARTMENT,
        has_authority=True,
        is_approving_department=True,
    )
    city = City(
        office=office,
        health=health,
        industry=make(
            "市经济信息委",
            Kind.MUNICIPAL_DEPARTMENT,
            has_authority=True,
            is_approving_department=True,
        ),
        district=make("万州区职改办", Kind.DISTRICT_OFFICE, has_authority=True),
        enterprise=make("长江重工", Kind.LARGE_ENTERPRISE, has_authority=True),
        hospital=make("山城第一人民医院", Kind.REPORTING_UNIT, supervisor=health),
        accounts={},
    )
    roles = {
        "office": (Role.CLERK, Role.OFFICER, Role.EMBOSSER, Role.AUDITOR, Role.ADMINISTRATOR),
        "health": (Role.CLERK, Role.OFFICER, Role.EMBOSSER),
        "industry": (Role.CLERK, Role.OFFICER, Role.EMBOSSER),
        "district": (Role.CLERK, Role.OFFICER),
        "enterprise": (Role.CLERK, Role.OFFICER),
        "hospital": (Role.CLERK, Role.OFFICER),
    }
    for name, wanted in roles.items():
        for role in wanted:
            city.accounts[name, role.value] = _account(f"{name}.{role}", getattr(city, name), role)
    if not SigningKey.objects.exists():
        _make(CONSOLE)  # by no action: a test's audit trail begins with what the test does
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as every action leaves them checked
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    city.accounts["office", "officer2"] = _account("office.officer2", office, Role.OFFICER)
    return city


def _account(username: str, organization: Organization, role: Role) -> Account:
    return Account.objects.create_account(
        username, PASSWORD, display_name=username, organization=organization, role=role
    )


def id_number(order: int, *, area: str = "500103", born: str = "19850214") -> str:
    """A valid ID number of nobody; the same ``order`` gives the same number."""
    day = f"{int(born[:4]) + order // 900 % 20}{born[4:]}"
    first17 = f"{area}{day}{order % 900 + 100:03d}"
    return first17 + check_digit(first17)


def announce(
    city: City,
    people: int,
    *,
    grades: Sequence[str] = (Grade.INTERMEDIATE,),
    department: Organization | None = None,
    mode: str = "committee",
    channel: str = "paper",
    work_unit: str = "山城第一人民医院",
) -> list[ApprovedPerson]:
    """An approval document with ``people`` people, their grades in turn."""
    number = next(_counter)
    document = ApprovalDocument.objects.create(
        number=f"渝职改〔2026〕{number}号",
        approving_department=department or city.health,
        review_mode=mode,
        channel=channel,
        issued_on=date(2026, 4, 1),
        people_count=people,
    )
    made = []
    for order in range(people):
        grade = Grade(grades[order % len(grades)])
        level, qualification = LEVELS[grade]
        text = id_number(number * 5000 + order)
        made.append(
            ApprovedPerson(
                document=document,
                name=f"张医{order}",
                sex="男" if int(text[16]) % 2 else "女",
                id_number_cipher=protect(text),
                id_number_index=blind_index(text),
                id_number_masked=mask(text),
                work_unit=work_unit,
                qualification=qualification,
                specialty="内科",
                series="卫生技术人员",
                level=level,
                grade=grade,
                approval_date=date(2026, 3, 18),
            )
        )
    return ApprovedPerson.objects.bulk_create(made)


def accepted_register(
    city: City,
    people: int = 10,
    *,
    grades: Sequence[str] = (Grade.INTERMEDIATE,),
    unit: Organization | None = None,
    department: Organization | None = None,
) -> Register:
    """A register of ``people`` rows that the municipal office has accepted."""
    unit = unit or city.hospital
    endorser = None if unit.has_authority else unit.supervisor
    number = next(_counter)
    now = timezone.now()
    register = Register.objects.create(
        number=f"T{number:06d}",
        reporting_unit=unit,
        endorser=endorser,
        issuing_unit=endorser or unit,
        year=2026,
        state=RegisterState.ACCEPTED,
        row_count=people,
        submitted_at=now,
        submitted_by=city.who("hospital", "clerk"),
        endorsed_at=now if endorser else None,
        endorsed_by=city.who("health", "officer") if endorser else None,
        accepted_at=now,
        accepted_by=city.who("office", "officer"),
    )
    listed = announce(city, people, grades=grades, department=department)
    document_number = listed[0].document.number
    RegisterRow.objects.bulk_create(
        RegisterRow(
            register=register,
            position=position,
            certificate_number=f"2026{number:05d}{position:05d}",
            work_unit=person.work_unit,
            name=person.name,
            sex=person.sex,
            id_number_cipher=person.id_number_cipher,
            id_number_index=person.id_number_index,
            id_number_masked=person.id_number_masked,
            specialty=person.specialty,
            qualification=person.qualification,
            approval_date=person.approval_date,
            document_number=document_number,
            approved_person=person,
            grade=person.grade,
            accepted=True,
        )
        for position, person in enumerate(listed, start=1)
    )
    return register


def deliver(city: City, count: int, *, grade: str = Grade.INTERMEDIATE) -> SerialRange:
    """A print run of ``count`` blanks in the municipal store; gives its serials."""
    from zhicheng.blanks.models import PrintOrder

    last = PrintOrder.objects.order_by("-serials").first()
    first = (last.serials.upper or 1) if last else 12001
    serials = SerialRange(first, first + count - 1)
    stock.record_print_run(
        actor=city.who("office", "officer"),
        grade=grade,
        serials=serials,
        received_on=PRINTED_ON,
    )
    return serials


def carried(
    city: City, upto: str, *, people: int = 4, blanks: int = 20, grade: str = Grade.INTERMEDIATE
) -> Register:
    """An accepted register of one grade that went along its path up to a step."""
    register = accepted_register(city, people, grades=[grade])
    deliver(city, blanks, grade=grade)
    carry(city, register, upto)
    return register


def carry(city: City, register: Register, upto: str) -> None:
    """Takes an accepted register along its path through the real actions, up to a step."""
    unit = {item.pk: name for name, item in vars(city).items() if isinstance(item, Organization)}
    issuing = unit[register.issuing_unit_id]
    clerk, officer = city.who(issuing, "clerk"), city.who(issuing, "officer")
    chief = city.who("office", "officer")
    embossers = [who for (_unit, role), who in city.accounts.items() if role == "embosser"]
    for step in STEPS[: STEPS.index(upto) + 1]:
        match step:
            case "allotted":
                stock.allot_register(actor=chief, register_id=register.pk)
            case "handed_over":
                stock.hand_over(actor=chief, register_id=register.pk, collected_by="王领取")
            case "received":
                stock.receive(actor=clerk, register_id=register.pk)
            case "filled":
                path.fill_in(actor=clerk, register_id=register.pk)
            case "sealed":
                path.seal(actor=officer, register_id=register.pk)
            case "embossed":
                for embosser in embossers:
                    waiting = register.certificates.filter(
                        state="sealed", embosser=embosser.organization
                    )
                    if waiting.exists():
                        path.emboss(actor=embosser, register_id=register.pk)
            case "issued":
                path.issue(actor=clerk, register_id=register.pk)
