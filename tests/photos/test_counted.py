"""A register knows how many of its people have a photo, whatever is done with either (N8)."""

import itertools
from collections.abc import Callable
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Max
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.test_concurrency import at_once
from tests.photos.pictures import portrait
from tests.support.city import City, accepted_register, announce, found_city
from tests.support.filing import Filing
from tests.support.pages import window
from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson
from zhicheng.certificates.reconcile import reconcile
from zhicheng.files.models import StoredFile
from zhicheng.photos import actions, pictures, queries
from zhicheng.photos.models import Photo
from zhicheng.photos.reconcile import miscounted
from zhicheng.registers import actions as register_actions
from zhicheng.registers.cell_edits import Cell, RowEdit
from zhicheng.registers.models import Register, RegisterRow

pytestmark = pytest.mark.django_db
_shades = itertools.count(1)


def upload(city: City, *rows: RegisterRow) -> list[Photo]:
    """Photos of these people of one register, in one action."""
    additions = [
        actions.Addition(
            row.pk,
            pictures.prepare_one(pictures.Picture("x.jpg", portrait(shade=next(_shades)))),
        )
        for row in rows
    ]
    return actions.add(
        actor=city.who("health", "clerk"),
        register_id=rows[0].register_id,
        additions=additions,
    )


def remove(city: City, row: RegisterRow, photo: Photo) -> None:
    actions.remove(
        actor=city.who("health", "clerk"),
        register_id=row.register_id,
        row_id=row.pk,
        photo_id=photo.pk,
        reason="错",
    )


def people(register: Register) -> list[RegisterRow]:
    return list(register.rows.order_by("position"))


def plain() -> dict[int, int]:
    """How many have a photo, counted row by row in Python as the docstring of queries says."""
    rows = list(RegisterRow.objects.all())
    accepted = {
        (row.register_id, bytes(row.id_number_index or b"")) for row in rows if row.accepted
    }
    live = {
        (photo.register_id, bytes(photo.id_number_index))
        for photo in Photo.objects.filter(removed_at=None)
    }
    vouched = {index for register, index in live if (register, index) in accepted}
    counted = dict.fromkeys(Register.objects.values_list("pk", flat=True), 0)
    for row in rows:
        index = bytes(row.id_number_index or b"")
        has = index in vouched if row.accepted else (row.register_id, index) in live
        counted[row.register_id] += has
    return counted


def kept() -> dict[int, int]:
    counted = dict(Register.objects.values_list("pk", "photo_count"))
    assert counted == plain()
    return counted


@pytest.fixture
def city(filing: Filing) -> City:
    return filing.city


@pytest.fixture
def filing(db: None) -> Filing:
    return Filing(found_city())


def test_n8_uploads_and_removals_are_counted_on_every_register_of_the_person(
    filing: Filing,
) -> None:
    city = filing.city
    lines = filing.lines(3)
    # The same person with another qualification stands on another register.
    again = filing.papers.line(filing.papers.list_person(person=lines[0].listed.person, number=2))
    filing.announce()
    first, second = filing.accepted(lines), filing.accepted([again])
    one, two, _three = people(first)
    old, _other = upload(city, one, two)
    assert kept() == {first.pk: 2, second.pk: 1}
    (new,) = upload(city, people(second)[0])
    assert kept() == {first.pk: 2, second.pk: 1}
    remove(city, one, new)
    assert kept() == {first.pk: 2, second.pk: 1}, "the older one counts again"
    remove(city, people(second)[0], old)
    assert kept() == {first.pk: 1, second.pk: 0}
    upload(city, people(second)[0])
    assert kept() == {first.pk: 2, second.pk: 1}


def test_n8_a_register_in_the_making_vouches_once_it_is_accepted(filing: Filing) -> None:
    city = filing.city
    hospital, officer = city.who("hospital", "clerk"), city.who("health", "officer")
    lines = filing.lines(2)
    again = filing.papers.line(filing.papers.list_person(person=lines[0].listed.person, number=2))
    filing.announce()
    accepted = filing.accepted([again])
    making = filing.filed(lines)
    upload(city, *people(making))
    assert kept() == {accepted.pk: 0, making.pk: 2}
    office = city.who("office", "officer")
    register_actions.return_register(actor=office, register_id=making.pk, reason="请更正")
    assert kept() == {accepted.pk: 0, making.pk: 2}
    register_actions.submit(actor=hospital, register_id=making.pk)
    register_actions.endorse(actor=officer, register_id=making.pk)
    assert kept() == {accepted.pk: 0, making.pk: 2}
    register_actions.accept(actor=office, register_id=making.pk)
    assert kept() == {accepted.pk: 1, making.pk: 2}


def test_n8_rows_that_change_their_person_come_or_go_are_counted(filing: Filing) -> None:
    city = filing.city
    clerk = city.who("hospital", "clerk")
    lines = filing.lines(3)
    register = filing.upload(lines)
    first, second, _third = people(register)
    upload(city, first, second)
    assert kept() == {register.pk: 2}
    numbers = [line.listed.person.id_number for line in lines]

    def type_number(row: RegisterRow, text: str) -> None:
        row.refresh_from_db()
        saved = register_actions.change_cells(
            actor=clerk,
            register_id=register.pk,
            edits=[RowEdit(row.pk, row.version, {"id_number": Cell(text)})],
        )
        assert not saved.held

    type_number(first, numbers[2])
    assert kept() == {register.pk: 1}
    type_number(first, "")
    assert kept() == {register.pk: 1}
    type_number(first, numbers[0])
    assert kept() == {register.pk: 2}
    second.refresh_from_db()
    register_actions.remove_row(actor=clerk, row_id=second.pk, version=second.version)
    assert kept() == {register.pk: 1}
    # A file in the place of the rows: the person comes back, and with them their photo.
    register_actions.replace_file(
        actor=clerk, register_id=register.pk, content=filing.file(lines), name="更正.xlsx"
    )
    assert kept() == {register.pk: 2}
    register_actions.replace_file(
        actor=clerk, register_id=register.pk, content=filing.file(lines[2:]), name="更正.xlsx"
    )
    assert kept() == {register.pk: 0}


def test_n8_the_list_is_narrowed_and_sorted_by_who_lacks_a_photo(city: City) -> None:
    whole, some, none = (accepted_register(city, 2) for _ in range(3))
    upload(city, *people(whole))
    upload(city, people(some)[0])
    chief = city.who("office", "officer")
    every = queries.registers(chief)
    assert set(queries.complete(every)) == {whole}
    assert set(queries.lacking(every)) == {some, none}
    client = window(city, "office", "officer")

    def shown(query: str) -> list[str]:
        page = client.get(f"/photos/?{query}").content.decode()
        made = (whole.number, some.number, none.number)
        return sorted((number for number in made if number in page), key=page.index)

    assert shown("complete=yes") == [whole.number]
    assert set(shown("complete=no")) == {some.number, none.number}
    assert shown("sort=photo_count") == [none.number, some.number, whole.number]
    assert shown("sort=-lacking") == [none.number, some.number, whole.number]


def test_n8_nobody_else_writes_the_figure_and_a_wrong_one_is_found(city: City) -> None:
    register = accepted_register(city, 2)
    upload(city, people(register)[0])
    assert reconcile().passed
    register.photo_count = 2
    with pytest.raises(IntegrityError, match="counts its photos itself"), transaction.atomic():
        register.save()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE registers_register SET photo_count = 2")
        cursor.execute("SET LOCAL session_replication_role = origin")
    (fault,) = reconcile().faults
    assert (fault["kind"], fault["register"]) == ("register.photos_miscounted", register.number)
    upload(city, people(register)[0])
    Register.objects.update(row_count=3)
    (fault,) = reconcile().faults
    assert (fault["kind"], fault["register"]) == ("register.people_miscounted", register.number)


REGISTERS, PEOPLE = 3, 3
_who = st.integers(0, PEOPLE - 1)
_where = st.integers(0, REGISTERS - 1)
_several = st.sets(_who, min_size=1).map(sorted)
_steps = st.lists(
    st.tuples(
        st.sampled_from(("row", "accepted_row", "number", "delete", "photos", "remove", "accept")),
        _where,
        _several,
    ),
    min_size=10,
    max_size=25,
)


class Walk:
    """A few people on a few registers, straight in the tables, as no action would let them."""

    def __init__(self, city: City) -> None:
        self.account = city.who("health", "clerk")
        listed = announce(city, PEOPLE)
        self.indexes = [bytes(person.id_number_index) for person in listed]
        self.entries, self.registers = [listed], []
        for order in range(1, REGISTERS):
            document = ApprovalDocument.objects.get(pk=listed[0].document_id)
            document.pk, document.number = None, f"{document.number}之{order}"
            document.save()
            again = ApprovedPerson.objects.filter(document=listed[0].document_id).order_by("pk")
            for person in again:
                person.pk, person.document = None, document
            self.entries.append(ApprovedPerson.objects.bulk_create(again))
        for order in range(REGISTERS):
            self.registers.append(
                Register.objects.create(
                    number=f"W{order}",
                    reporting_unit=city.hospital,
                    issuing_unit=city.health,
                    year=2026,
                )
            )

    def row(self, where: int, who: list[int], *, accepted: bool = False) -> None:
        """Rows of people who aren't on the register yet."""
        there = set(self.registers[where].rows.values_list("approved_person_id", flat=True))
        last = self.registers[where].rows.aggregate(last=Max("position"))["last"] or 0
        entries = [self.entries[where][person] for person in who]
        RegisterRow.objects.bulk_create(
            RegisterRow(
                register=self.registers[where],
                position=last + place,
                certificate_number=f"W{where}{entry.pk}",
                work_unit=entry.work_unit,
                name=entry.name,
                sex=entry.sex,
                id_number_cipher=entry.id_number_cipher,
                id_number_index=entry.id_number_index,
                id_number_masked=entry.id_number_masked,
                specialty=entry.specialty,
                qualification=entry.qualification,
                approval_date=entry.approval_date,
                document_number=entry.document.number,
                approved_person=entry,
                grade=entry.grade,
                accepted=accepted,
            )
            for place, entry in enumerate(entries, start=1)
            if entry.pk not in there
        )

    def accepted_row(self, where: int, who: list[int]) -> None:
        """The same, accepted as they come."""
        self.row(where, who, accepted=True)

    def number(self, where: int, who: list[int]) -> None:
        """Two rows in the making become the first one's, and nobody's or the last one's."""
        making = self.registers[where].rows.filter(accepted=False).order_by("pk")
        pks = list(making.values_list("pk", flat=True)[:2])
        making.filter(pk__in=pks[:1]).update(id_number_index=self.indexes[who[0]])
        other = self.indexes[who[-1]] if len(who) > 1 else None
        making.filter(pk__in=pks[1:]).update(id_number_index=other)

    def delete(self, where: int, who: list[int]) -> None:
        """The rows of these people that aren't accepted go."""
        rows = self.registers[where].rows.filter(accepted=False)
        rows.filter(id_number_index__in=[self.indexes[person] for person in who]).delete()

    def photos(self, where: int, who: list[int]) -> None:
        """A photo of each, whether on the register or not, in one statement."""
        files = StoredFile.objects.bulk_create(
            StoredFile(
                name="x.jpg",
                content_type="image/jpeg",
                size=1,
                sha256="0" * 64,
                kept_sha256="0" * 64,
                content=b"x",
            )
            for _person in who
        )
        Photo.objects.bulk_create(
            Photo(
                id_number_index=self.indexes[person],
                register=self.registers[where],
                file=file,
                uploaded_by=self.account,
            )
            for person, file in zip(who, files, strict=True)
        )

    def remove(self, where: int, who: list[int]) -> None:
        """Every photo of these people that came by the register."""
        live = Photo.objects.filter(register=self.registers[where], removed_at=None)
        live.filter(id_number_index__in=[self.indexes[person] for person in who]).update(
            removed_at=timezone.now(), removed_by=self.account, removal_reason="错"
        )

    def accept(self, where: int, _who: list[int]) -> None:
        """Every row that says what its approval document does."""
        self.registers[where].rows.filter(
            id_number_index=F("approved_person__id_number_index")
        ).exclude(accepted=True).update(accepted=True)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=_steps)
def test_n8_whatever_happens_in_whatever_order_the_figure_is_exact(
    city: City, steps: list[tuple[str, int, list[int]]]
) -> None:
    with transaction.atomic():
        walk = Walk(city)
        for name, where, who in steps:
            getattr(walk, name)(where, who)
            kept()
        assert not miscounted(1)
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_n18_acceptances_and_photos_of_the_same_people_at_once_are_counted() -> None:
    city = found_city()
    filing = Filing(city)
    lines = filing.lines(3)
    registers = [filing.accepted(lines)]
    for number in range(2, 5):
        again = [
            filing.papers.line(filing.papers.list_person(person=line.listed.person, number=number))
            for line in lines
        ]
        filing.announce()
        registers.append(filing.filed(again))
    first, second, third, fourth = registers
    (old,) = upload(city, people(first)[2])
    upload(city, people(third)[0])
    office = city.who("office", "officer")
    jobs: list[Callable[[], object]] = [
        partial(register_actions.accept, actor=office, register_id=register.pk)
        for register in (second, third, fourth)
    ]
    jobs[1:1] = [
        partial(upload, city, people(first)[1]),
        partial(upload, city, *people(second)[:2]),
        partial(remove, city, people(first)[2], old),
        partial(upload, city, people(fourth)[2]),
    ]
    results = at_once(len(jobs), *jobs)
    assert not [item for item in results if isinstance(item, Exception)]
    assert kept() == dict.fromkeys((register.pk for register in registers), 3)
