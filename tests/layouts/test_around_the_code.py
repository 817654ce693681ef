"""The database keeps a layout in use and a measurement as they are, whoever writes (N18)."""

import json

import pytest
from django.db import IntegrityError, connection, transaction

from tests.layouts.test_printers import FOUND, printer
from tests.layouts.test_versions import draft, in_use
from tests.support.city import City
from zhicheng.documents.layout import content_of, load_layout
from zhicheng.layouts import printers

COPY = """INSERT INTO layouts_layoutversion (grade, year, number, state, content, note, revision,
    editors, drafted_at, changed_at, put_in_use_at)
    SELECT grade, year, {number}, '{state}', content, '', 1, '{{}}', now(), now(), {at}
    FROM layouts_layoutversion WHERE id = {pk}"""


def broken_by(statement: str, parameters: list[object] | None = None) -> str:
    """The constraint that refuses the statement."""
    with (
        pytest.raises(IntegrityError) as error,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, parameters or [])
    return str(error.value.__cause__.diag.constraint_name)  # type: ignore[union-attr]


def set_version(pk: int, values: str) -> str:
    return f"UPDATE layouts_layoutversion SET {values} WHERE id = {pk}"


@pytest.mark.parametrize(
    "values",
    [
        "content = jsonb_set(content, '{width}', '261')",
        "background_id = NULL, note = 'x'",
        "put_in_use_by_id = NULL",
        "changed_at = now()",
        "revision = 9",
        "state = 'draft', put_in_use_at = NULL, put_in_use_by_id = NULL",
        "state = 'discarded', put_in_use_at = NULL, put_in_use_by_id = NULL, ended_at = now()",
        "state = 'succeeded', ended_at = now(), content = jsonb_set(content, '{width}', '261')",
    ],
)
def test_a_layout_in_use_is_never_changed(city: City, values: str) -> None:
    version = in_use(city)
    assert broken_by(set_version(version.pk, values)) == "layout_in_use_is_never_changed"
    # What was succeeded changes even less.
    in_use(city)
    assert broken_by(set_version(version.pk, values)) == "layout_in_use_is_never_changed"
    assert broken_by(set_version(version.pk, "ended_at = now() + '1 day'")) == (
        "layout_in_use_is_never_changed"
    )


def test_a_draft_is_not_changed_by_the_step_that_puts_it_in_use(city: City) -> None:
    version = draft(city)
    officer = city.who("office", "officer").pk
    use = f"state = 'in_use', put_in_use_at = now(), put_in_use_by_id = {officer}"
    for more in ("content = jsonb_set(content, '{width}', '261')", "editors = '{}'"):
        name = broken_by(set_version(version.pk, f"{use}, {more}"))
        assert name == "layout_in_use_is_never_changed"


def test_states_numbers_and_people_are_kept_by_the_database(city: City) -> None:
    version = in_use(city)
    other = draft(city)
    clerk = city.who("office", "clerk").pk
    copy = {"pk": version.pk, "at": "NULL"}
    expected = {
        COPY.format(number=4, state="draft", **copy): "layout_versions_count_without_gap",
        COPY.format(number=2, state="draft", **copy): "layout_versions_count_without_gap",
        COPY.format(number=3, state="draft", **copy): "one_layout_draft_per_grade_and_year",
        COPY.format(number=3, state="in_use", pk=version.pk, at="now()"): (
            "layout_begins_as_a_draft"
        ),
        f"DELETE FROM layouts_layoutversion WHERE id = {other.pk}": (
            "layout_versions_count_without_gap"
        ),
        set_version(other.pk, "number = 7"): "layout_version_keeps_its_name",
        set_version(other.pk, "grade = 'junior'"): "layout_version_keeps_its_name",
        set_version(other.pk, "state = 'succeeded'"): "layout_goes_step_by_step",
        set_version(other.pk, "state = 'in_use', put_in_use_at = now()"): (
            "one_layout_in_use_per_grade_and_year"
        ),
        set_version(other.pk, "state = 'discarded'"): "layout_state_has_its_times",
        set_version(other.pk, "put_in_use_at = now()"): "layout_state_has_its_times",
        set_version(
            other.pk, f"state = 'in_use', put_in_use_at = now(), put_in_use_by_id = {clerk}"
        ): "layout_is_put_in_use_by_a_second_person",
        set_version(other.pk, "content = jsonb_set(content, '{qr,size}', '21.9')"): (
            "layout_code_can_be_read"
        ),
        set_version(other.pk, "content = content - 'qr'"): "layout_code_can_be_read",
        set_version(other.pk, "content = jsonb_set(content, '{grade}', '\"junior\"')"): (
            "layout_is_of_its_grade"
        ),
    }
    for statement, name in expected.items():
        assert broken_by(statement) == name, statement
    year = (
        "INSERT INTO layouts_layoutversion (grade, year, number, state, content, note, revision,"
        " editors, drafted_at, changed_at)"
        " VALUES ('senior', 1900, 1, 'draft', %s, '', 1, '{}', now(), now())"
    )
    content = json.dumps(content_of(load_layout("senior")))
    assert broken_by(year, [content]) == "layout_year_is_sensible"


def test_a_measurement_stays_and_belongs_to_its_printer(city: City) -> None:
    one, other = printer(city), printer(city, "另一台")
    clerk = city.who("health", "clerk")
    for item in (one, other):
        printers.calibrate_printer(
            actor=clerk, printer_id=item.pk, found=FOUND, width=260, height=185
        )
    mine = one.calibrations.get().pk
    theirs = other.calibrations.get().pk
    table = "layouts_printercalibration"
    assert broken_by(f"UPDATE {table} SET dx = 1 WHERE id = {mine}") == (
        "printer_calibration_is_never_changed"
    )
    assert broken_by(f"DELETE FROM {table} WHERE id = {mine}") == (
        "printer_calibration_is_never_changed"
    )
    assert broken_by(f"UPDATE layouts_printer SET current_id = {theirs} WHERE id = {one.pk}") == (
        "printer_has_its_own_calibration"
    )
    insert = (
        f"INSERT INTO {table} (printer_id, dx, dy, scale_x, scale_y, measured, calibrated_at)"
        f" VALUES ({one.pk}, {{}}, 0, {{}}, 1, '{{{{}}}}', now())"
    )
    for dx, scale in ((10.5, 1), (0, 0.97), (0, 1.03)):
        assert broken_by(insert.format(dx, scale)) == "calibration_is_within_reason"
    assert broken_by(f"UPDATE layouts_printer SET name = '另一台' WHERE id = {one.pk}") == (
        "printer_name_once_per_organization"
    )
    assert broken_by(f"UPDATE layouts_printer SET active = false WHERE id = {one.pk}") == (
        "retired_printer_says_when"
    )
