"""Correcting a register in the page: cells, suggestions, rows, the file again."""

import pytest

from tests.support.filing import Filing, Line
from zhicheng.audit.models import AuditEvent
from zhicheng.protection import reveal
from zhicheng.registers import actions
from zhicheng.registers.models import Register, RegisterFinding, RegisterRow
from zhicheng.values.id_number import mask
from zhicheng.values.refusal import Conflict, NotPermitted, Refusal


def clerk(filing: Filing):  # type: ignore[no-untyped-def]
    return filing.city.who("hospital", "clerk")


def correct(filing: Filing, row: RegisterRow, **changes: str) -> RegisterRow:
    return actions.correct_row(
        actor=clerk(filing), row_id=row.pk, changes=changes, version=row.version
    )


def codes(register: Register) -> list[str]:
    return list(register.findings.order_by("row__position", "id").values_list("code", flat=True))


def wrong_check_digit(line: Line) -> Line:
    number = line.listed.person.id_number
    return line.but(身份证号码=number[:17] + ("X" if number[17] != "X" else "1"))


def test_a_correction_is_tidied_checked_and_recorded(filing: Filing) -> None:
    good, bad = filing.lines(2)
    made = filing.upload([good, bad.but(姓名="无此人", 性别="先生")])
    row = made.rows.get(position=2)
    name = bad.listed.person.name
    after = correct(filing, row, name=f"{name[0]} {name[1:]}")
    assert (after.name, after.version) == (name, 2)
    assert after.changed_by == clerk(filing)
    assert codes(made) == ["sex.malformed", "tidied.spaces"]
    correct(filing, after, sex=bad.listed.person.sex)
    made.refresh_from_db()
    assert (made.error_count, made.version) == (0, 3)
    event = AuditEvent.objects.filter(tag="unit:register:correct").order_by("sequence").first()
    assert event is not None
    assert event.data == {"row": 5, "changes": {"姓名": ["无此人", name]}}
    assert (event.subject_id, event.row_ids) == (made.pk, [row.pk])


def test_a_correction_can_free_another_row(filing: Filing) -> None:
    first, second = filing.lines(2)
    made = filing.upload([first, second.but(证书编号=first.certificate_number)])
    assert codes(made) == ["certificate_number.duplicate"]
    correct(filing, made.rows.get(position=1), certificate_number="2026Z1")
    assert codes(made) == []


def test_an_id_number_is_never_seen_in_the_audit(filing: Filing) -> None:
    (line,) = filing.lines(1)
    made = filing.upload([wrong_check_digit(line)])
    number = line.listed.person.id_number
    correct(filing, made.rows.get(), id_number=number)
    assert codes(made) == []
    for event in AuditEvent.objects.all():
        assert number not in str(event.data)
        assert number[:17] not in str(event.data)


def test_a_suggestion_is_taken_over_from_the_approval_document(filing: Filing) -> None:
    lines = filing.lines(3)
    made = filing.upload(
        [
            wrong_check_digit(lines[0]),
            lines[1].but(姓名="无此人"),
            lines[2].but(批准时间="2026年3月"),
        ]
    )
    for finding in made.findings.order_by("row__position"):
        actions.accept_suggestion(actor=clerk(filing), finding_id=finding.pk, version=1)
    made.refresh_from_db()
    assert made.error_count == 0
    first, second, third = made.rows.order_by("position")
    number = lines[0].listed.person.id_number
    assert reveal(bytes(first.id_number_cipher or b"")) == number
    assert first.id_number_masked == mask(number)
    assert second.name == lines[1].listed.person.name
    assert third.approval_date_text == "2026-03-18"


def test_a_number_that_excel_destroyed_is_replaced_by_accepting(filing: Filing) -> None:
    (line,) = filing.lines(1)
    destroyed = float(line.listed.person.id_number[:15] + "000")
    made = filing.upload([line.but(身份证号码=destroyed)])
    (finding,) = made.findings.all()
    assert finding.code == "id_number.precision_lost"
    actions.accept_suggestion(actor=clerk(filing), finding_id=finding.pk, version=1)
    row = made.rows.get()
    assert not row.id_number_from_number
    assert codes(made) == []


def test_all_suggestions_of_one_kind_at_once(filing: Filing) -> None:
    lines = filing.lines(5)
    made = filing.upload([line.but(专业名称="外科学") for line in lines])
    taken = actions.accept_suggestions(
        actor=clerk(filing), register_id=made.pk, code="approval.specialty_differs"
    )
    assert taken == 5
    assert codes(made) == []
    assert set(made.rows.values_list("version", flat=True)) == {2}
    with pytest.raises(Refusal) as refused:
        actions.accept_suggestions(actor=clerk(filing), register_id=made.pk, code="required")
    assert refused.value.rule == "finding.no_suggestion"


def test_what_nobody_suggested_can_not_be_accepted(filing: Filing) -> None:
    (line,) = filing.lines(1)
    made = filing.upload([line.but(证书编号="")])
    (finding,) = made.findings.all()
    with pytest.raises(Refusal) as refused:
        actions.accept_suggestion(actor=clerk(filing), finding_id=finding.pk, version=1)
    assert refused.value.rule == "finding.no_suggestion"


def test_missing_people_are_added_whole(filing: Filing) -> None:
    lines = filing.lines(3)
    made = filing.upload(lines[:1])
    assert codes(made) == ["approval.person_missing"] * 2
    missing = [finding.suggested_person_id or 0 for finding in made.findings.all()]
    actions.add_people(actor=clerk(filing), register_id=made.pk, person_ids=missing)
    made.refresh_from_db()
    assert made.row_count == 3
    assert codes(made) == ["required", "required"]
    assert {finding.column for finding in made.findings.all()} == {"证书编号"}
    added = made.rows.get(position=3)
    assert added.supervising_department == filing.city.health.name
    with pytest.raises(Refusal) as refused:
        actions.add_people(actor=clerk(filing), register_id=made.pk, person_ids=missing)
    assert refused.value.rule == "register.people_not_addable"


def test_a_removed_row_leaves_no_gap(filing: Filing) -> None:
    made = filing.upload(filing.lines(4))
    row = made.rows.get(position=2)
    actions.remove_row(actor=clerk(filing), row_id=row.pk, version=1)
    assert list(made.rows.order_by("position").values_list("position", flat=True)) == [1, 2, 3]
    assert codes(made) == ["approval.person_missing"]
    with pytest.raises(Refusal) as refused:
        actions.remove_row(actor=clerk(filing), row_id=row.pk, version=1)
    assert refused.value.rule == "register.row_gone"


def test_the_file_again_replaces_every_row(filing: Filing) -> None:
    lines = filing.lines(3)
    made = filing.upload([line.but(姓名="无此人") for line in lines])
    before = made.source_sha256
    after = actions.replace_file(
        actor=clerk(filing), register_id=made.pk, content=filing.file(lines), name="改.xlsx"
    )
    assert (after.number, after.error_count, after.row_count) == (made.number, 0, 3)
    assert RegisterFinding.objects.count() == 0
    assert RegisterRow.objects.count() == 3
    event = AuditEvent.objects.get(tag="unit:register:replace")
    assert event.data["before"] == before != event.data["sha256"]


def test_a_refused_file_leaves_everything_as_it_was(filing: Filing) -> None:
    made = filing.upload(filing.lines(2))
    with pytest.raises(Refusal):
        actions.replace_file(
            actor=clerk(filing), register_id=made.pk, content=b"no spreadsheet", name="x"
        )
    with pytest.raises(Refusal):
        actions.upload_register(actor=clerk(filing), content=b"no spreadsheet", name="x")
    assert Register.objects.count() == 1
    assert made.rows.count() == 2
    assert AuditEvent.objects.filter(tag__startswith="unit:register").count() == 1


def test_withdrawn_and_returned_registers_can_be_corrected_others_not(filing: Filing) -> None:
    made = filing.filed(filing.lines(1))
    row = made.rows.get()
    with pytest.raises(Refusal):
        correct(filing, row, work_unit="另一单位")
    made = actions.withdraw(actor=clerk(filing), register_id=made.pk)
    assert (made.state, made.submitted_by) == ("draft", None)
    row = correct(filing, row, work_unit="另一单位")
    made = actions.submit(actor=clerk(filing), register_id=made.pk)
    made = actions.return_register(
        actor=filing.city.who("health", "officer"), register_id=made.pk, reason="工作单位有误"
    )
    assert (made.state, made.return_reason) == ("returned", "工作单位有误")
    assert AuditEvent.objects.filter(tag="department:register:return").count() == 1
    correct(filing, row, work_unit=filing.city.hospital.name)


def test_a_return_says_why(filing: Filing) -> None:
    made = filing.filed(filing.lines(1))
    with pytest.raises(Refusal) as refused:
        actions.return_register(
            actor=filing.city.who("office", "officer"), register_id=made.pk, reason="  "
        )
    assert refused.value.rule == "register.reason_missing"


def test_the_later_of_two_editors_learns_who_was_first(filing: Filing) -> None:
    made = filing.upload(filing.lines(1))
    row = made.rows.get()
    correct(filing, row, work_unit="山城第二人民医院")
    with pytest.raises(Conflict) as conflict:
        correct(filing, row, work_unit="山城第三人民医院")
    assert clerk(filing).display_name in conflict.value.message
    assert conflict.value.found == "工作单位：山城第二人民医院"
    made.refresh_from_db()
    assert made.rows.get().work_unit == "山城第二人民医院"


def test_only_the_unit_edits(filing: Filing) -> None:
    made = filing.upload(filing.lines(1))
    row = made.rows.get()
    for who in (("health", "officer"), ("office", "officer"), ("enterprise", "clerk")):
        with pytest.raises(NotPermitted):
            actions.correct_row(
                actor=filing.city.accounts[who],
                row_id=row.pk,
                changes={"name": "某某"},
                version=1,
            )
