"""Several assignments at once on a real PostgreSQL: no number twice, no gap."""

import itertools
from functools import partial

import pytest
from django.db import transaction

from tests.core.test_concurrency import at_once
from tests.numbering.conftest import set_rule
from tests.support.city import announce, found_city
from tests.support.filing import Filing
from zhicheng.audit.verify import verify
from zhicheng.registers import actions as registers
from zhicheng.registers.models import GivenNumber, NumberCounter, Register, RegisterRow
from zhicheng.registers.numbering.actions import assign_numbers
from zhicheng.registers.numbering.taking import assign, gaps
from zhicheng.values.refusal import Refusal

pytestmark = pytest.mark.django_db(transaction=True)
REGISTERS, PEOPLE = 16, 5


def drafts(filing: Filing) -> list[Register]:
    """Drafts of the hospital and its department, in two grades, without numbers."""
    city = filing.city
    grades = ("senior", "intermediate")
    made = []
    for _ in range(REGISTERS):
        people = announce(city, PEOPLE, grades=grades)
        document = people[0].document.number
        people[0].document.people.update(name="张仁心")
        register = Register.objects.create(
            number=f"D{people[0].pk}",
            reporting_unit=city.hospital,
            endorser=city.health,
            issuing_unit=city.health,
            year=2026,
            row_count=PEOPLE,
        )
        RegisterRow.objects.bulk_create(
            RegisterRow(
                register=register,
                position=position,
                work_unit=person.work_unit,
                supervising_department=city.health.name,
                name="张仁心",
                sex=person.sex,
                id_number_cipher=person.id_number_cipher,
                id_number_index=person.id_number_index,
                id_number_masked=person.id_number_masked,
                specialty=person.specialty,
                qualification=person.qualification,
                approval_date=person.approval_date,
                approval_date_text=person.approval_date.isoformat(),
                document_number=document,
                approved_person=person,
                grade=person.grade,
            )
            for position, person in enumerate(people, start=1)
        )
        made.append(register)
    return made


@pytest.mark.parametrize("per_grade", [False, True])
def test_eight_workers_number_registers_of_one_unit_at_once(per_grade: bool) -> None:
    filing = Filing(found_city())
    set_rule(filing.city, per_grade=per_grade)
    waiting = drafts(filing)
    clerk = filing.city.who("hospital", "clerk")
    results = at_once(
        8,
        # Each register by two people at the same moment: the second has nothing left to number.
        *(
            partial(assign_numbers, actor=clerk, register_id=register.pk)
            for register in itertools.chain.from_iterable(zip(waiting, waiting, strict=True))
        ),
    )
    refused = [result for result in results if isinstance(result, Refusal)]
    assert len(refused) == REGISTERS
    assert {item.rule for item in refused} == {"numbering.nothing_to_number"}
    numbers = list(RegisterRow.objects.values_list("certificate_number", flat=True))
    assert len(set(numbers)) == REGISTERS * PEOPLE
    for letters in ("G", "Z") if per_grade else ("GZ",):
        counted = sorted(int(number[6:]) for number in numbers if number[5] in letters)
        assert counted == list(range(1, len(counted) + 1))
    assert sum(NumberCounter.objects.values_list("last", flat=True)) == REGISTERS * PEOPLE
    assert gaps() == []
    assert verify().passed


def test_assigning_removing_submitting_and_reissuing_at_once_leaves_no_gap_and_no_clash() -> None:
    filing = Filing(found_city())
    set_rule(filing.city)
    waiting = drafts(filing)
    clerk, officer = (filing.city.who("hospital", "clerk"), filing.city.who("health", "officer"))
    for register in waiting[:8]:
        assign_numbers(actor=clerk, register_id=register.pk)

    def remove(register: Register) -> None:
        row = register.rows.order_by("position")[1]
        registers.remove_row(actor=clerk, row_id=row.pk, version=row.version)

    def reissue() -> None:
        with transaction.atomic():
            assign(actor=officer, unit=filing.city.health, grade="senior", year=2026, count=3)

    results = at_once(
        8,
        *(partial(assign_numbers, actor=clerk, register_id=item.pk) for item in waiting[8:12]),
        *(partial(registers.submit, actor=clerk, register_id=item.pk) for item in waiting[:4]),
        *(partial(remove, item) for item in waiting[4:8]),
        reissue,
        *(partial(assign_numbers, actor=clerk, register_id=item.pk) for item in waiting[12:]),
        reissue,
    )
    assert not [result for result in results if isinstance(result, BaseException)]
    numbers = [
        *RegisterRow.objects.exclude(certificate_number="").values_list(
            "certificate_number", flat=True
        ),
        *GivenNumber.objects.filter(purpose="reissue").values_list("number", flat=True),
    ]
    assert len(numbers) == len(set(numbers)) == REGISTERS * PEOPLE - 4 + 6
    assert gaps() == []
    # Whatever the removals freed and nobody took meanwhile, the next assignment takes.
    free = GivenNumber.objects.filter(settled=False).exclude(number__in=numbers).count()
    last = NumberCounter.objects.get().last
    assert last - len(numbers) == free
    if free:
        with transaction.atomic():
            assign(actor=officer, unit=filing.city.health, grade="intermediate", year=2026, count=1)


def test_numbers_are_given_inside_a_transaction_only() -> None:
    filing = Filing(found_city())
    set_rule(filing.city)
    with pytest.raises(RuntimeError):
        assign(
            actor=filing.city.who("health", "officer"),
            unit=filing.city.health,
            grade="senior",
            year=2026,
            count=1,
        )
    assert GivenNumber.objects.count() == 0
