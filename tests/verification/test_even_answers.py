"""Nothing in an answer but its words tells whether somebody exists (design §8).

The structure here; the time over 2,000 trials of each kind in ``test_timing``.
"""

import random
import re
from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.city import City, accepted_register, carry, deliver, found_city
from tests.support.ranks import common_language, kolmogorov_smirnov
from zhicheng.certificates.models import Certificate
from zhicheng.protection import reveal
from zhicheng.registers.models import RegisterRow
from zhicheng.verification import lookups
from zhicheng.verification.models import Lookup, Way
from zhicheng.web.asking.evenness import SIZE

pytestmark = pytest.mark.django_db
NOBODY = "500103196001010016"
_CHANGING = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|csrfmiddlewaretoken\" value=\"[^\"]*\"|<!--.*"
)


@pytest.fixture
def city() -> City:
    city = found_city()
    register = accepted_register(city, 3)
    deliver(city, 10)
    carry(city, register, "issued")
    other = accepted_register(city, 2)
    deliver(city, 10)
    carry(city, other, "filled")
    accepted_register(city, 2)
    return city


class Asked:
    """An answer and everything around it."""

    def __init__(self, path: str, fields: Mapping[str, str]) -> None:
        client = Client()
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            answer: Any = client.post(path, dict(fields))
        self.statements = [re.sub(r"'[^']*'|\d+", "?", one["sql"]) for one in queries]
        self.statements = [re.sub(r"\(\?(, \?)*\)", "(?)", one) for one in self.statements]
        self.status = answer.status_code
        self.headers = {**answer.headers, "Expires": ""}  # a clock, where there is one
        self.length = len(answer.content)
        self.page = _CHANGING.sub("", answer.content.decode())

    @property
    def shape(self) -> tuple[object, ...]:
        return (
            self.status,
            self.headers,
            self.length,
            [s.split("VALUES")[0] for s in self.statements],
        )


def questions(path: str) -> dict[str, dict[str, str]]:
    """What is asked there, by what is wrong with it; ``hit``: nothing."""
    issued, second = Certificate.objects.filter(state="issued").order_by("pk")[:2]
    filled = Certificate.objects.filter(state="filled").order_by("pk")[0]
    waiting = RegisterRow.objects.filter(certificate=None).order_by("-pk")[0]

    def right(item: Certificate | RegisterRow) -> dict[str, str]:
        number = item.number if isinstance(item, Certificate) else item.certificate_number
        return {
            "name": item.name,
            "id_number": reveal(bytes(item.id_number_cipher or b"")),
            "number": number,
        }

    every = {
        "hit": right(issued),
        "right person, wrong name": {**right(issued), "name": "无此人"},
        "right name, wrong numbers": {**right(second), "name": issued.name},
        "filled in, not issued": right(filled),
        "accepted, no certificate": right(waiting),
        "nobody": {"name": "无此人", "id_number": NOBODY, "number": "2026999999999"},
    }
    kept = {"/": ("name", "id_number"), "/number": ("name", "number")}.get(path)
    return {
        why: {key: value for key, value in fields.items() if kept is None or key in kept}
        for why, fields in every.items()
    }


@pytest.mark.parametrize("path", ["/", "/number", "/e/"])
def test_every_miss_is_the_same_to_the_byte_and_a_hit_has_its_shape(city: City, path: str) -> None:
    asked = questions(path)
    address = "/" if path == "/number" else path
    if path == "/e/":
        del asked["hit"]  # nobody in this city has an electronic certificate
    answers = {why: Asked(address, fields) for why, fields in asked.items()}
    nobody = answers["nobody"]
    assert "没有查到" in nobody.page and nobody.status == 200
    for why, answer in answers.items():
        assert answer.shape == nobody.shape, why
        if why != "hit":
            assert answer.page == nobody.page, why
    if "hit" in answers:
        assert "没有查到" not in answers["hit"].page
    assert {answer.length % SIZE for answer in answers.values()} == {0}


def test_the_number_in_the_address_is_answered_evenly_too(city: City) -> None:
    issued = Certificate.objects.filter(state="issued").order_by("pk")[0]
    filled = Certificate.objects.filter(state="filled").order_by("pk")[0]
    hit = Asked(f"/v/{issued.number}", {"name": issued.name})
    wrong = Asked(f"/v/{issued.number}", {"name": "无此人"})
    waiting = Asked(f"/v/{filled.number}", {"name": filled.name})
    assert hit.shape == wrong.shape == waiting.shape
    assert issued.qualification in hit.page and "没有查到" in wrong.page


def test_hit_and_miss_write_the_same_one_row(city: City) -> None:
    asked = questions("/")
    for why in ("hit", "nobody"):
        Asked("/", asked[why])
    hit, miss = Lookup.objects.order_by("id")
    assert (hit.hit, miss.hit) == (True, False)
    assert hit.way == miss.way == Way.PERSON
    issued = Certificate.objects.filter(state="issued").order_by("pk")[0]
    assert hit.found == [issued.number] and miss.found == []
    assert [look.way for look in lookups.lookups_of([issued.number])] == ["person"]


def test_the_rank_tests_find_a_difference_and_none_where_there_is_none() -> None:
    chance = random.Random(7)  # noqa: S311
    same = [[chance.gauss(10, 1) for _ in range(2000)] for _ in range(2)]
    effect, p = common_language(*same)
    assert abs(effect - 0.5) < 0.03 and p > 0.01
    assert kolmogorov_smirnov(*same)[1] > 0.01
    late = [value + 0.2 for value in same[1]]
    effect, p = common_language(late, same[0])
    assert effect > 0.53 and p < 1e-6
    assert kolmogorov_smirnov(late, same[0])[1] < 1e-3
    wide = [10 + (value - 10) * 2 for value in same[1]]
    assert common_language(wide, same[0])[1] > 0.01, "the same middle"
    assert kolmogorov_smirnov(wide, same[0])[1] < 1e-6, "another shape"
    assert common_language([1, 1, 2], [1, 1, 2])[0] == 0.5
