"""Batches of cells: who came first, what is saved and what is held, undo of an ID number."""

import pytest

from tests.support.filing import Filing
from zhicheng.audit.models import AuditEvent
from zhicheng.protection import reveal
from zhicheng.registers import actions
from zhicheng.registers.cell_edits import Cell, RowEdit, Saved
from zhicheng.registers.models import Register
from zhicheng.values.refusal import Refusal


def change(filing: Filing, register: Register, *edits: RowEdit, **more: object) -> Saved:
    return actions.change_cells(
        actor=filing.city.who("hospital", "clerk"),
        register_id=register.pk,
        edits=edits,
        **more,  # type: ignore[arg-type]
    )


def seen(text: str, was: str) -> Cell:
    return Cell(text, seen=was)


def test_n18_two_people_on_different_cells_of_a_row_do_not_meet(filing: Filing) -> None:
    register = filing.upload(filing.lines(1))
    row = register.rows.get()
    for key in ("specialty", "work_unit"):
        saved = change(
            filing, register, RowEdit(row.pk, 1, {key: seen("某某", str(getattr(row, key)))})
        )
        assert not saved.held
    row.refresh_from_db()
    assert (row.specialty, row.work_unit, row.version) == ("某某", "某某", 3)


def test_n18_the_later_one_on_a_cell_is_held_back_with_the_whole_row(filing: Filing) -> None:
    lines = filing.lines(3)
    register = filing.upload(lines)
    rows = list(register.rows.order_by("position"))
    was = lines[0].listed.specialty
    change(filing, register, RowEdit(rows[0].pk, 1, {"specialty": seen("骨科学", was)}))
    events = AuditEvent.objects.count()
    saved = change(
        filing,
        register,
        *(
            RowEdit(row.pk, 1, {"specialty": seen("眼科学", was), "sex": seen("未知", row.sex)})
            for row in rows
        ),
        told={"how": "paste"},
    )
    (held,) = saved.held
    assert (held.row, held.keys, held.who) == (rows[0].pk, ["specialty"], "hospital.clerk")
    assert held.when is not None
    told = register.rows.order_by("position").values_list("specialty", "sex")
    assert list(told) == [("骨科学", rows[0].sex), ("眼科学", "未知"), ("眼科学", "未知")]
    event = AuditEvent.objects.latest("sequence")
    assert AuditEvent.objects.count() == events + 1
    assert (event.row_ids, event.data["how"], event.data["count"]) == (
        [rows[1].pk, rows[2].pk],
        "paste",
        4,
    )
    # Both wanted the same: there is nothing to dispute, and nothing to record.
    same = change(filing, register, RowEdit(rows[0].pk, 1, {"specialty": seen("骨科学", was)}))
    assert (same.rows, same.held) == ([], [])
    assert AuditEvent.objects.count() == events + 1


def test_an_id_number_is_disputed_by_the_rows_version(filing: Filing) -> None:
    """Two numbers can look alike when they are masked."""
    first, second = filing.lines(2)
    register = filing.upload([first])
    row = register.rows.get()
    number = second.listed.person.id_number
    change(filing, register, RowEdit(row.pk, 1, {"specialty": Cell("骨科学")}))
    edit = {"id_number": seen(number, row.id_number_masked)}
    assert change(filing, register, RowEdit(row.pk, 1, edit)).held[0].keys == ["id_number"]
    assert not change(filing, register, RowEdit(row.pk, 2, edit)).held


def test_a_former_id_number_comes_back_sealed_and_only_into_its_own_row(filing: Filing) -> None:
    first, second, third = filing.lines(3)
    register = filing.upload(
        [first.but(身份证号码=float(first.listed.person.id_number[:15] + "000")), second]
    )
    one, two = register.rows.order_by("position")
    former = reveal(bytes(one.id_number_cipher or b""))
    saved = change(
        filing, register, RowEdit(one.pk, 1, {"id_number": Cell(third.listed.person.id_number)})
    )
    seal = saved.sealed[one.pk]
    assert first.listed.person.id_number[:15] not in seal
    for bad in (
        RowEdit(two.pk, 1, {"id_number": Cell(sealed=seal)}),
        RowEdit(one.pk, 2, {"id_number": Cell(sealed="abc")}),
    ):
        with pytest.raises(Refusal) as refused:
            change(filing, register, bad)
        assert refused.value.rule == "row.seal_foreign"
    change(filing, register, RowEdit(one.pk, 2, {"id_number": Cell(sealed=seal)}))
    one.refresh_from_db()
    assert reveal(bytes(one.id_number_cipher or b"")) == former
    # Excel destroyed it, and the undo doesn't make it whole.
    assert one.id_number_from_number
    assert "id_number.precision_lost" in set(one.findings.values_list("code", flat=True))


def test_rows_are_added_with_a_batch_and_a_removed_one_is_told(filing: Filing) -> None:
    lines = filing.lines(3)
    register = filing.upload(lines[:2])
    one, two = register.rows.order_by("position")
    actions.remove_rows(
        actor=filing.city.who("hospital", "clerk"), register_id=register.pk, versions={two.pk: 1}
    )
    person = lines[2].listed.person
    saved = change(
        filing,
        register,
        RowEdit(one.pk, 1, {"specialty": Cell("骨科学")}),
        RowEdit(two.pk, 1, {"specialty": Cell("骨科学")}),
        added=[{"name": person.name, "id_number": person.id_number}],
    )
    assert [(held.row, held.keys, held.who) for held in saved.held] == [(two.pk, (), "")]
    added = register.rows.get(position=2)
    assert (saved.added, added.name, added.version) == ([added.pk], person.name, 1)
    assert Register.objects.get(pk=register.pk).row_count == 2
    assert person.id_number not in str(AuditEvent.objects.latest("sequence").data)


def test_a_batch_beyond_all_bounds_is_refused_whole(filing: Filing) -> None:
    register = filing.upload(filing.lines(1))
    with pytest.raises(Refusal) as refused:
        change(filing, register, added=[{}] * 60_000)
    assert refused.value.rule == "register.batch_too_large"
    assert register.rows.count() == 1


def test_a_masked_number_typed_as_certificate_number_is_no_certificate_number(
    filing: Filing,
) -> None:
    """What is kept of an ID number in another column stays a fault in every later check."""
    (line,) = filing.lines(1)
    register = filing.upload([line.but(证书编号=line.listed.person.id_number)])
    row = register.rows.get()
    change(filing, register, RowEdit(row.pk, 1, {"work_unit": Cell("另一单位")}))
    codes = set(row.findings.filter(severity="error").values_list("code", flat=True))
    assert codes == {"certificate_number.malformed"}
