"""The file again: what changed row by row, and nothing that the page had corrected gets lost."""

import hashlib

import pytest

from tests.support.filing import Filing, Line
from zhicheng.approvals.models import ApprovedPerson
from zhicheng.audit.models import AuditEvent
from zhicheng.protection import reveal, reveal_bytes
from zhicheng.registers import actions
from zhicheng.registers.models import Register, RegisterUpload
from zhicheng.registers.settling import choices, undecided
from zhicheng.registers.versions import compare
from zhicheng.values.refusal import NotPermitted, Refusal


def clerk(filing: Filing):  # type: ignore[no-untyped-def]
    return filing.city.who("hospital", "clerk")


def correct(filing: Filing, register: Register, position: int, **changes: str) -> None:
    row = register.rows.get(position=position)
    actions.correct_row(actor=clerk(filing), row_id=row.pk, changes=changes, version=row.version)


def again(filing: Filing, register: Register, lines: list[Line]) -> RegisterUpload:
    actions.replace_file(
        actor=clerk(filing), register_id=register.pk, content=filing.file(lines), name="改.xlsx"
    )
    register.refresh_from_db()
    return register.uploads.order_by("-version")[0]


def settle(filing: Filing, upload: RegisterUpload, *keep: int) -> int:
    return actions.settle_upload(actor=clerk(filing), upload_id=upload.pk, keep=keep)


def test_rows_keep_their_identity_and_differences_are_told(filing: Filing) -> None:
    lines = filing.lines(5)
    made = filing.upload([lines[0], lines[1].but(姓名="无此人"), lines[2], lines[3]])
    ids = dict(made.rows.values_list("certificate_number", "pk"))
    numbers = [line.certificate_number for line in lines]
    upload = again(filing, made, [lines[4], lines[3], lines[1], lines[0].but(证书编号="2026Z9")])
    after = dict(made.rows.values_list("certificate_number", "pk"))
    assert after[numbers[3]] == ids[numbers[3]]
    assert after[numbers[1]] == ids[numbers[1]]
    assert after["2026Z9"] == ids[numbers[0]]
    assert numbers[2] not in after
    assert (upload.before_version, upload.version) == (1, 2)
    told = {
        (row.kind, row.state.name): [(cell.title, cell.after) for cell in row.changes]
        for row in compare(made, 1, 2)
        if row.kind != "moved"
    }
    people = [line.listed.person.name for line in lines]
    assert told.pop(("added", people[4]))
    assert told.pop(("removed", people[2]))
    assert told == {
        ("changed", people[0]): [("证书编号", "2026Z9")],
        ("changed", people[1]): [("姓名", people[1])],
    }


def test_findings_are_mended_remain_or_are_new(filing: Filing) -> None:
    lines = filing.lines(3)
    made = filing.upload([lines[0].but(姓名="无此人"), lines[1].but(性别="不详"), lines[2]])
    upload = again(
        filing, made, [lines[0], lines[1].but(性别="不详"), lines[2].but(专业名称="外科")]
    )
    assert {
        kind: [(finding[1], finding[2]) for finding in found]
        for kind, found in upload.findings.items()
    } == {
        "mended": [("姓名", "approval.name_differs")],
        "remaining": [("性别", "sex.malformed")],
        "fresh": [("专业名称", "approval.specialty_differs")],
    }


def test_a_correction_of_the_page_that_the_file_takes_back_is_chosen_by_a_person(
    filing: Filing,
) -> None:
    lines = filing.lines(3)
    old = [lines[0].but(姓名="无此人"), lines[1], lines[2]]
    made = filing.upload(old)
    correct(filing, made, 1, name=lines[0].listed.person.name)
    correct(filing, made, 2, certificate_number="2026Z8")
    correct(filing, made, 3, work_unit="另一单位")
    # The file knows the last correction, takes the first back, and has an own value for the second.
    upload = again(
        filing, made, [old[0], old[1].but(证书编号="2026Z7"), old[2].but(工作单位="另一单位")]
    )
    found = choices(upload)
    assert [
        (item.kind, item.cell.title, item.cell.before, item.cell.after, item.still)
        for item in found
        if item.cell
    ] == [
        ("cell", "姓名", lines[0].listed.person.name, "无此人", True),
        ("cell", "证书编号", "2026Z8", "2026Z7", True),
    ]
    assert undecided(made) == upload
    made.refresh_from_db()
    assert made.error_count == 1
    assert settle(filing, upload, 0) == 1
    made.refresh_from_db()
    assert made.error_count == 0
    assert list(made.rows.order_by("position").values_list("name", "certificate_number")[:2]) == [
        (lines[0].listed.person.name, lines[0].certificate_number),
        (lines[1].listed.person.name, "2026Z7"),
    ]
    assert undecided(made) is None
    event = AuditEvent.objects.order_by("-sequence")[0]
    assert event.data == {"kept": 1, "taken": 1}
    with pytest.raises(Refusal) as refusal:
        settle(filing, upload, 1)
    assert refusal.value.rule == "upload.settled"


def test_an_id_number_that_was_mended_on_the_page_comes_back_whole(filing: Filing) -> None:
    (line,) = filing.lines(1)
    number = line.listed.person.id_number
    wrong = line.but(身份证号码=number[:17] + ("X" if number[17] != "X" else "1"))
    made = filing.upload([wrong])
    correct(filing, made, 1, id_number=number)
    upload = again(filing, made, [wrong])
    (item,) = choices(upload)
    assert item.cell is not None and item.cell.key == "id_number" and item.cell.changed
    assert number not in str(upload.overwritten) + str(upload.findings)
    settle(filing, upload, 0)
    assert reveal(bytes(made.rows.get().id_number_cipher or b"")) == number


def test_rows_that_the_page_added_or_removed_are_chosen_too(filing: Filing) -> None:
    lines = filing.lines(4)
    made = filing.upload(lines[:3])
    person = made.findings.get(code="approval.person_missing").suggested_person_id or 0
    (added,) = actions.add_people(actor=clerk(filing), register_id=made.pk, person_ids=[person])
    gone = made.rows.get(position=1)
    actions.remove_row(actor=clerk(filing), row_id=gone.pk, version=gone.version)
    upload = again(filing, made, lines[:3])
    assert [(item.kind, item.row.row_id) for item in choices(upload)] == [
        ("lost", added),
        ("back", gone.pk),
    ]
    assert set(made.rows.values_list("position", flat=True)) == {1, 2, 3}
    assert settle(filing, upload, 0, 1) == 2
    assert list(made.rows.order_by("position").values_list("name", flat=True)) == [
        line.listed.person.name for line in lines[1:]
    ]
    assert list(made.rows.order_by("position").values_list("position", flat=True)) == [1, 2, 3]
    assert made.rows.filter(pk=added).exists()


def test_the_file_of_today_after_its_own_corrections_asks_nothing(filing: Filing) -> None:
    lines = filing.lines(2)
    made = filing.upload([lines[0].but(姓名="无此人"), lines[1]])
    correct(filing, made, 1, name=lines[0].listed.person.name)
    upload = again(filing, made, lines)
    assert upload.overwritten == []
    assert undecided(made) is None


def test_a_choice_that_nobody_made_stays_open_when_the_next_file_comes(filing: Filing) -> None:
    lines = filing.lines(4)
    old = [lines[0].but(姓名="无此人"), lines[1].but(工作单位="旧单位"), lines[2]]
    made = filing.upload(old)
    correct(filing, made, 1, name=lines[0].listed.person.name)
    correct(filing, made, 2, work_unit="新单位")
    gone = made.rows.get(position=3)
    actions.remove_row(actor=clerk(filing), row_id=gone.pk, version=gone.version)
    person = ApprovedPerson.objects.get(name=lines[3].listed.person.name)
    (added,) = actions.add_people(actor=clerk(filing), register_id=made.pk, person_ids=[person.pk])
    first = again(filing, made, old)
    assert len(first.overwritten) == 4
    # The same file once more, then one that has the second correction in it.
    again(filing, made, old)
    upload = again(filing, made, [old[0], old[1].but(工作单位="新单位"), old[2]])
    assert undecided(made) == upload
    told = {(item.kind, item.cell and item.cell.title, item.still) for item in choices(upload)}
    assert told == {("cell", "姓名", True), ("lost", None, True), ("back", None, True)}
    (name,) = (item for item in choices(upload) if item.cell)
    assert (name.cell.before, name.cell.after) == (lines[0].listed.person.name, "无此人")
    assert settle(filing, upload, *range(3)) == 3
    assert not made.rows.filter(pk=gone.pk).exists() and made.rows.filter(pk=added).exists()
    assert made.rows.get(position=1).name == lines[0].listed.person.name
    assert undecided(made) is None


def test_the_choice_is_the_units_and_stays_away_from_later_changes(filing: Filing) -> None:
    (line,) = filing.lines(1)
    made = filing.upload([line.but(姓名="无此人")])
    correct(filing, made, 1, name=line.listed.person.name)
    upload = again(filing, made, [line.but(姓名="无此人")])
    with pytest.raises(NotPermitted):
        actions.settle_upload(
            actor=filing.city.who("office", "officer"), upload_id=upload.pk, keep=[0]
        )
    correct(filing, made, 1, name="第三人")
    assert settle(filing, upload, 0) == 0
    assert made.rows.get().name == "第三人"


def test_the_earlier_file_is_kept(filing: Filing) -> None:
    lines = filing.lines(2)
    made = filing.upload(lines)
    again(filing, made, lines[:1])
    first, second = made.uploads.order_by("version")
    assert second.source is None
    content = reveal_bytes(bytes(first.source or b""))
    assert hashlib.sha256(content).hexdigest() == first.source_sha256 != second.source_sha256
