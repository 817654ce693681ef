"""The register's way from the unit's file to acceptance, through the actions."""

import pytest

from tests.support.filing import Filing
from zhicheng.audit.models import AuditEvent
from zhicheng.registers import actions
from zhicheng.registers.models import RegisterRow, RegisterState
from zhicheng.values.refusal import NotPermitted, Refusal


def test_an_uploaded_register_is_read_whole(filing: Filing) -> None:
    lines = filing.lines(3)
    made = filing.upload(lines)
    assert (made.state, made.row_count, made.error_count) == (RegisterState.DRAFT, 3, 0)
    assert (made.endorser, made.issuing_unit) == (filing.city.health, filing.city.health)
    assert (made.year, made.filler, made.telephone) == (2026, "甲", "023")
    rows = list(made.rows.all())
    assert [row.name for row in rows] == [line.listed.person.name for line in lines]
    assert [row.excel_row for row in rows] == [4, 5, 6]
    assert {row.grade for row in rows} == {"intermediate"}
    assert all(row.approved_person_id for row in rows)


def test_the_way_of_a_unit_without_authority(filing: Filing) -> None:
    made = filing.accepted(filing.lines(2))
    made.refresh_from_db()
    assert made.state == RegisterState.ACCEPTED
    assert RegisterRow.objects.filter(register=made, accepted=True).count() == 2
    tags = list(AuditEvent.objects.order_by("sequence").values_list("tag", flat=True))
    assert tags == [
        "office:approval:import",
        "unit:register:upload",
        "unit:register:submit",
        "department:register:endorse",
        "office:register:accept",
    ]


def test_errors_stop_the_submission_and_stay_to_be_seen(filing: Filing) -> None:
    (line,) = filing.lines(1)
    made = filing.upload([line.but(姓名="无此人")])
    assert made.error_count == 1
    with pytest.raises(Refusal) as refused:
        actions.submit(actor=filing.city.who("hospital", "clerk"), register_id=made.pk)
    assert refused.value.rule == "register.has_errors"
    assert refused.value.clause == "N6"
    assert "第4行" in refused.value.found and refused.value.expected == line.listed.person.name


def test_strangers_may_not_touch_it(filing: Filing) -> None:
    made = filing.upload(filing.lines(1))
    with pytest.raises(NotPermitted):
        actions.submit(actor=filing.city.who("enterprise", "clerk"), register_id=made.pk)
    with pytest.raises(NotPermitted):
        actions.replace_file(
            actor=filing.city.who("office", "clerk"),
            register_id=made.pk,
            content=b"",
            name="x.xlsx",
        )
