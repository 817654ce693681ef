"""A text is found anywhere in a column, Latin letters in either case, signs as themselves."""

import pytest

from zhicheng.database.containing import containing
from zhicheng.organizations.models import Account, Kind, Organization

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def units(db: None) -> None:
    for name in ("第一人民医院", "ABc职校", "50%研究所", "5_0研究所", r"a\b院", "É校"):
        Organization.objects.create(
            name=name, short_name=name, kind=Kind.LARGE_ENTERPRISE, has_authority=True
        )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("医院", ["第一人民医院"]),
        ("abC", ["ABc职校"]),
        ("C职", ["ABc职校"]),
        ("0%", ["50%研究所"]),
        ("_", ["5_0研究所"]),
        (r"A\B", [r"a\b院"]),
        (r"\b院", [r"a\b院"]),
        ("É", ["É校"]),
        ("é校", ["É校"]),
        ("'; --", []),
    ],
)
def test_any_part_is_found_whatever_its_letters_case(text: str, names: list[str]) -> None:
    found = Organization.objects.filter(containing("name", text))
    assert list(found.values_list("name", flat=True)) == names


def test_a_column_of_what_a_row_points_to_is_searched() -> None:
    unit = Organization.objects.get(name="ABc职校")
    account = Account.objects.create(
        username="x", display_name="x", organization=unit, role="clerk"
    )
    assert list(Account.objects.filter(containing("organization__name", "bC职"))) == [account]
