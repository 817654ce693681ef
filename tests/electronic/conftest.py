"""A city whose health commission issues electronic certificates by a numbering rule."""

from collections.abc import Callable
from datetime import date

import pytest

from tests.support.city import City, announce, found_city
from zhicheng.approvals.models import ApprovalDocument
from zhicheng.registers.numbering.actions import set_rule


def number_by_rule(city: City) -> None:
    set_rule(
        actor=city.who("office", "officer"),
        unit=city.health,
        valid_from=date(2020, 1, 1),
        pattern="DZ{年}{流水6}",
    )


@pytest.fixture
def city(db: None) -> City:
    city = found_city()
    number_by_rule(city)
    return city


@pytest.fixture
def online(city: City) -> Callable[..., ApprovalDocument]:
    """An online approval document with so many people."""

    def made(people: int = 3, **given: object) -> ApprovalDocument:
        return announce(city, people, channel="online", **given)[0].document  # type: ignore[arg-type]

    return made
