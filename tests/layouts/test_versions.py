"""A layout goes from draft to use to succession; in use it never changes (N8, N18)."""

import threading
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.city import City, deliver, found_city
from zhicheng.audit.models import AuditEvent
from zhicheng.documents.layout import Layout, content_of, export_layout, load_layout
from zhicheng.files import store
from zhicheng.layouts import actions, hooks, queries, rules
from zhicheng.layouts.lifecycle import LAYOUT
from zhicheng.layouts.models import LayoutState, LayoutVersion
from zhicheng.layouts.queries import coverage, layout_for, layout_of_version
from zhicheng.organizations.guard import CONSOLE
from zhicheng.values.refusal import Conflict, NotPermitted, Refusal

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00"
    b":~\x9bU\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82"
)


def moved(layout: Layout, name: str, by: float) -> Layout:
    fields = tuple(replace(f, x=f.x + by) if f.name == name else f for f in layout.fields)
    return replace(layout, fields=fields)


def draft(city: City, grade: str = "senior", year: int = 2026, by: float = 0.0) -> LayoutVersion:
    clerk = city.who("office", "clerk")
    version = actions.start_draft(actor=clerk, grade=grade, year=year)
    if by:
        version = actions.save_draft(
            actor=clerk,
            version_id=version.pk,
            revision=version.revision,
            content=content_of(moved(version.layout, "name", by)),
        )
    return version


def in_use(city: City, grade: str = "senior", year: int = 2026, by: float = 0.0) -> LayoutVersion:
    version = draft(city, grade, year, by)
    return actions.put_in_use(
        actor=city.who("office", "officer"), version_id=version.pk, revision=version.revision
    )


def test_n8_a_version_in_use_is_succeeded_and_both_stay_readable(city: City) -> None:
    first = in_use(city, by=1.0)
    second = in_use(city, by=0.5)
    first.refresh_from_db()
    assert (first.state, second.state) == ("succeeded", "in_use")
    assert (first.number, second.number) == (1, 2)
    # A draft begins as what those blanks are printed with.
    assert [c.by for c in rules.compare(first.layout, second.layout)] == [0.5]
    assert layout_for("senior", 2026).version_id == second.pk
    assert layout_of_version(first.pk).layout == moved(load_layout("senior"), "name", 1.0)
    event = AuditEvent.objects.filter(tag="office:layout:put_in_use").latest("sequence")
    assert event.data["succeeds"] == "senior-2026-1"
    assert event.data["sha256"] == actions.digest(second)
    saved = AuditEvent.objects.filter(tag="office:layout:draft").latest("sequence")
    assert saved.data["changes"] == ["姓名 左：51 → 51.5"]


def test_n18_who_drafted_or_changed_a_layout_does_not_put_it_in_use(city: City) -> None:
    first, second = city.who("office", "officer"), city.who("office", "officer2")
    version = actions.start_draft(actor=first, grade="junior", year=2026)
    version = actions.save_draft(actor=second, version_id=version.pk, revision=1)
    clerk = city.who("office", "clerk")
    version = actions.save_draft(actor=clerk, version_id=version.pk, revision=2)
    for account in (first, second):
        with pytest.raises(Refusal) as refused:
            actions.put_in_use(actor=account, version_id=version.pk, revision=3)
        assert refused.value.rule == "layout.same_person"
    with pytest.raises(NotPermitted):
        actions.put_in_use(actor=clerk, version_id=version.pk, revision=3)
    version.refresh_from_db()
    assert version.state == "draft"


def test_who_works_on_an_old_revision_is_told_and_nothing_is_saved(city: City) -> None:
    version = draft(city, by=1.0)
    steps = {
        "save": lambda: actions.save_draft(
            actor=city.who("office", "officer"), version_id=version.pk, revision=1, note="x"
        ),
        "use": lambda: actions.put_in_use(
            actor=city.who("office", "officer"), version_id=version.pk, revision=1
        ),
        "discard": lambda: actions.discard_draft(
            actor=city.who("office", "officer"), version_id=version.pk, revision=1
        ),
        "picture": lambda: actions.set_background(
            actor=city.who("office", "officer"), version_id=version.pk, revision=1, picture=None
        ),
    }
    for step in steps.values():
        with pytest.raises(Conflict) as conflict:
            step()
        assert conflict.value.rule == "layout.changed_meanwhile"
        assert "office.clerk" in conflict.value.found
    version.refresh_from_db()
    assert (version.revision, version.state, version.note) == (2, "draft", "")


def test_what_is_in_use_or_given_up_takes_no_step(city: City) -> None:
    used = in_use(city)
    given_up = draft(city, "junior")
    actions.discard_draft(actor=city.who("office", "clerk"), version_id=given_up.pk, revision=1)
    for version in (used, given_up):
        for step in (actions.put_in_use, actions.discard_draft, actions.save_draft):
            with pytest.raises(Refusal) as refused:
                step(actor=city.who("office", "officer2"), version_id=version.pk, revision=1)
            assert refused.value.rule == "lifecycle.wrong_state"
    # The number of what was given up stays taken.
    assert draft(city, "junior").number == 2
    assert set(LAYOUT.states) == set(LayoutState.values)


def test_a_grade_and_year_have_one_draft(city: City) -> None:
    version = draft(city)
    with pytest.raises(Conflict) as conflict:
        draft(city)
    assert conflict.value.rule == "layout.draft_exists"
    assert conflict.value.link == (version.get_absolute_url(), str(version))
    assert draft(city, year=2025).number == 1


@pytest.mark.parametrize("year", [1989, 2099])
def test_a_year_that_cannot_be_meant_is_refused(city: City, year: int) -> None:
    with pytest.raises(Refusal) as refused:
        draft(city, year=year)
    assert refused.value.rule == "layout.year"


def test_a_layout_that_prints_one_thing_upon_another_is_not_put_in_use(city: City) -> None:
    layout = load_layout("senior")
    x, y, _side = layout.qr
    fields = tuple(
        replace(f, x=x - f.width + 2, y=y) if f.name == "level" else f for f in layout.fields
    )
    text = export_layout(replace(layout, fields=fields))
    version = actions.start_draft(
        actor=city.who("office", "clerk"), grade="senior", year=2026, text=text, source="x.toml"
    )
    with pytest.raises(Refusal) as refused:
        actions.put_in_use(actor=city.who("office", "officer"), version_id=version.pk, revision=1)
    assert refused.value.rule == "layout.overlap"
    assert "级别与二维码" in refused.value.found


@pytest.mark.parametrize("change", [{"height": 5.5}, {"width": 2.0, "height": 40.0}])
def test_a_box_smaller_than_its_letters_is_not_put_in_use(
    city: City, change: dict[str, float]
) -> None:
    layout = load_layout("senior")
    fields = tuple(replace(f, **change) if f.name == "name" else f for f in layout.fields)
    text = export_layout(replace(layout, fields=fields))
    version = actions.start_draft(
        actor=city.who("office", "clerk"), grade="senior", year=2026, text=text, source="x.toml"
    )
    with pytest.raises(Refusal) as refused:
        actions.put_in_use(actor=city.who("office", "officer"), version_id=version.pk, revision=1)
    assert (refused.value.rule, refused.value.found) == ("layout.too_small", "姓名")


def test_a_file_comes_in_as_a_draft_and_goes_out_the_same(city: City) -> None:
    layout = replace(moved(load_layout("junior"), "sex", 3.5), photo=(50.0, 31.0, 25.0, 35.0))
    clerk = city.who("office", "clerk")
    version = actions.start_draft(
        actor=clerk, grade="junior", year=2025, text=export_layout(layout), source="量得.toml"
    )
    assert version.layout == layout
    again = actions.save_draft(
        actor=clerk,
        version_id=version.pk,
        revision=1,
        text=export_layout(load_layout("junior")),
        source="原来的.toml",
    )
    assert again.layout == load_layout("junior")
    with pytest.raises(Refusal) as refused:
        actions.save_draft(
            actor=clerk, version_id=version.pk, revision=2, text="grade = 1", source="坏.toml"
        )
    assert "坏.toml" in refused.value.message


def test_the_scan_of_a_blank_lies_under_a_draft_and_its_successor(city: City) -> None:
    clerk = city.who("office", "clerk")
    version = draft(city)
    picture = store.prepare(SimpleUploadedFile("扫描.png", PNG).read(), "扫描.png")
    version = actions.set_background(
        actor=clerk, version_id=version.pk, revision=1, picture=picture
    )
    assert version.background is not None
    actions.put_in_use(actor=city.who("office", "officer"), version_id=version.pk, revision=2)
    assert draft(city).background == version.background


YEARS = st.lists(st.integers(2015, 2026), min_size=0, max_size=4, unique=True)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(years=YEARS, drafts=YEARS, asked=st.none() | st.integers(2010, 2030))
def test_a_year_without_its_own_layout_takes_the_latest_earlier_one(
    db: None, years: list[int], drafts: list[int], asked: int | None
) -> None:
    from django.db import transaction

    with transaction.atomic():
        content = content_of(load_layout("junior"))
        for year in [*years, *drafts]:
            version = LayoutVersion.objects.create(
                grade="junior",
                year=year,
                number=LayoutVersion.objects.filter(year=year).count() + 1,
                content=content,
                changed_at="2026-01-01T00:00Z",
            )
            if year in years and version.number == 1:
                version.state, version.put_in_use_at = "in_use", "2026-01-01T00:00Z"
                version.save()
        fitting = [year for year in years if asked is None or year <= asked]
        chosen = layout_for("junior", asked)
        if fitting:
            assert LayoutVersion.objects.get(pk=chosen.version_id).year == max(fitting)
        else:
            assert chosen.version_id is None
            assert chosen.layout == load_layout("junior")
        assert layout_for("senior", asked).version_id is None
        transaction.set_rollback(True)


def test_the_list_says_what_each_edition_is_printed_with_and_what_is_missing(city: City) -> None:
    in_use(city, year=2025)
    deliver(city, 5)  # intermediate, counted in in 2026
    draft(city, "junior")
    found = {(item.grade, item.year): item for item in coverage(2026)}
    assert set(found) == {
        ("senior", 2025),
        ("senior", 2026),
        ("intermediate", 2026),
        ("junior", 2026),
    }
    assert found["senior", 2025].own
    assert not found["senior", 2026].own
    assert found["senior", 2026].chosen.version_id == found["senior", 2025].chosen.version_id
    assert found["intermediate", 2026].chosen.version_id is None
    assert found["junior", 2026].draft is not None


def test_whoever_prints_tells_how_often_a_version_was_used(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = draft(city)
    monkeypatch.setattr(hooks, "_counters", [])
    assert hooks.prints_of([version.pk]) is None
    (row,) = queries.with_prints(queries.versions())
    assert row.prints is None  # type: ignore[attr-defined]
    asked = []

    def counter(ids: Collection[int]) -> dict[int, int]:
        asked.append(set(ids))
        return {version.pk: 7}

    hooks.counts_prints(counter)
    other = draft(city, "junior")
    found = {row.pk: row.prints for row in queries.with_prints(queries.versions())}  # type: ignore[attr-defined]
    assert found == {version.pk: 7, other.pk: 0}
    assert asked == [{version.pk, other.pk}], "in one go"


@pytest.mark.django_db(transaction=True)
def test_drafts_begun_at_once_are_one_and_numbers_have_no_gap() -> None:
    city = found_city()
    started, refused = [], []
    barrier = threading.Barrier(4)

    def start(number: int) -> None:
        try:
            barrier.wait()
            started.append(
                actions.start_draft(actor=city.who("office", "clerk"), grade="senior", year=2026)
            )
        except Conflict as conflict:
            refused.append(conflict)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=start, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(started) == 1
    assert len(refused) == 3
    assert list(LayoutVersion.objects.values_list("number", flat=True)) == [1]


def test_the_console_may_start_but_the_events_are_written(city: City) -> None:
    actions.start_draft(actor=CONSOLE, grade="senior", year=date(2026, 1, 1).year)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_auditevent WHERE tag = 'office:layout:draft'")
        assert cursor.fetchone() == (1,)


def test_the_diagram_in_the_docs_is_the_table_in_the_code() -> None:
    text = (Path(__file__).parents[2] / "docs" / "layouts.md").read_text("utf-8")
    assert LAYOUT.mermaid() in text
