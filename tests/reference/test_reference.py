"""Reference data: the same facts from the files and in the tables."""

from datetime import date

import pytest

from zhicheng.reference.catalog import load_catalog, load_districts
from zhicheng.reference.loading import load_reference
from zhicheng.reference.models import Qualification, Region, Series

pytestmark = pytest.mark.django_db


def test_loading_twice_changes_nothing() -> None:
    load_reference()
    before = set(Qualification.objects.values_list("pk", "name"))
    load_reference()
    assert set(Qualification.objects.values_list("pk", "name")) == before
    assert Series.objects.count() == 29
    assert Region.objects.count() == len(load_districts()) == 41


def test_a_corrected_name_is_taken_back() -> None:
    Qualification.objects.filter(name="工程师").update(name="工程士")
    load_reference()
    assert Qualification.objects.filter(name="工程师", level="intermediate").exists()
    assert not Qualification.objects.filter(name="工程士").exists()


def test_abolished_districts_stay_with_their_last_day() -> None:
    abolished = set(
        Region.objects.filter(valid_to=date(2025, 11, 5)).values_list("name", flat=True)
    )
    assert abolished == {"江北区", "渝北区"}


@pytest.mark.parametrize(
    ("name", "series", "levels"),
    [
        ("工程师", "", {"intermediate"}),
        ("一级演员", "", {"senior_full"}),
        ("一级翻译", "", {"senior_deputy"}),
        ("一级教练", "", {"intermediate"}),
        ("高级教师", "", {"senior_deputy", "intermediate"}),
        ("高级教师", "中小学教师", {"senior_deputy"}),
        ("高级教师", "小学教师", {"intermediate"}),
        ("小学高级教师", "", {"intermediate"}),
        ("会计员", "会计专业人员", {"technician"}),
        ("讲师", "高等学校教师", {"intermediate"}),
        ("宇航员", "", set()),
    ],
)
def test_series_and_name_give_the_level(name: str, series: str, levels: set[str]) -> None:
    assert {title.level for title in load_catalog().titles_named(name, series)} == levels


def test_names_before_the_reform_are_known_but_not_present() -> None:
    catalog = load_catalog()
    assert catalog.knows("会计员") and not catalog.is_present("会计员")
    assert catalog.is_present("会计师")
