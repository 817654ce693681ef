"""A file whose title lines speak of another unit or year is said to, wherever it shows (A1)."""

import pytest

from tests.support.filing import Filing
from zhicheng.audit.models import AuditEvent
from zhicheng.demo.workbooks import register as workbook
from zhicheng.registers import actions
from zhicheng.registers.models import Register
from zhicheng.registers.title import TitleDifference, differences, of_register


def upload(filing: Filing, *, unit: str, year: int, asked: int | None = None) -> Register:
    content = workbook(filing.lines(1), unit=unit, year=year, filler="甲", telephone="023")
    return actions.upload_register(
        actor=filing.city.who("hospital", "clerk"), content=content, name="表.xlsx", year=asked
    )


def test_another_units_file_and_another_year_are_told(filing: Filing) -> None:
    made = upload(filing, unit="别家医院", year=2024, asked=2026)
    assert of_register(made) == [
        TitleDifference("unit", "别家医院", "山城第一人民医院"),
        TitleDifference("year", "2024", "2026"),
    ]
    told = AuditEvent.objects.get(tag="unit:register:upload").data
    assert (told["title_unit"], told["title_year"]) == ("别家医院", "2024")


def test_a_file_again_is_held_against_the_register_too(filing: Filing) -> None:
    made = upload(filing, unit="山城第一人民医院", year=2026)
    assert of_register(made) == []
    content = workbook(filing.lines(1), unit="别家医院", year=2025, filler="甲", telephone="0")
    actions.replace_file(
        actor=filing.city.who("hospital", "clerk"),
        register_id=made.pk,
        content=content,
        name="表.xlsx",
    )
    assert [told.kind for told in of_register(made)] == ["unit", "year"]
    right = workbook(filing.lines(1), unit="山城第一人民医院", year=2026, filler="甲", telephone="")
    actions.replace_file(
        actor=filing.city.who("hospital", "clerk"),
        register_id=made.pk,
        content=right,
        name="表.xlsx",
    )
    assert of_register(made) == []


@pytest.mark.parametrize(
    "unit", ["", "山城第一人民医院", "山城第一人民医院（本部）", "第一人民医院", "市卫生健康委"]
)
def test_names_that_mean_the_same_are_no_difference(filing: Filing, unit: str) -> None:
    made = upload(filing, unit="山城第一人民医院", year=2026)
    assert differences(made, {"unit": unit, "year": 2026}) == []


def test_id_numbers_in_the_title_lines_are_masked(filing: Filing) -> None:
    made = upload(filing, unit="医院11010519491231002X", year=2026)
    assert made.uploads.get().title["unit"] == "医院110***********002X"
