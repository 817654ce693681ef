"""A list read way by way shows what it would show read as one, whatever the ways share."""

import pytest
from django.db.models import Q
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from zhicheng.organizations.models import Kind, Organization
from zhicheng.web.ways import first_ids, longer_than, newest_ids

ROWS = 12
Parts = st.lists(st.sets(st.integers(0, ROWS - 1)), min_size=1, max_size=4)


class WaysTest(TestCase):
    """Rows of one table, found by any parts of it."""

    ids: list[int]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.ids = [
            Organization.objects.create(
                name=f"单位{number}", kind=Kind.LARGE_ENTERPRISE, has_authority=True
            ).pk
            for number in range(ROWS)
        ]

    @settings(max_examples=60, deadline=None)
    @given(parts=Parts, start=st.integers(0, ROWS), size=st.integers(1, 5))
    def test_a_page_is_the_page_of_all_parts_newest_first(
        self, parts: list[set[int]], start: int, size: int
    ) -> None:
        ways = [Organization.objects.filter(pk__in=[self.ids[n] for n in part]) for part in parts]
        every = sorted({self.ids[n] for part in parts for n in part}, reverse=True)
        page = slice(start, start + size)
        assert newest_ids(ways, page) == every[page]
        some = first_ids(ways, size)
        assert len(some) == len(set(some)) == min(size, len(every))
        assert set(some) <= set(every)
        assert longer_than(ways, size) == (len(every) > size)


@pytest.mark.django_db
def test_it_does_not_matter_which_part_has_the_newer_rows() -> None:
    made = [
        Organization.objects.create(name=f"{n}", kind=Kind.LARGE_ENTERPRISE, has_authority=True).pk
        for n in range(6)
    ]
    new, old = (Organization.objects.filter(Q(pk__in=ids)) for ids in (made[3:], made[:3]))
    assert newest_ids([new, old], slice(0, 2)) == [made[5], made[4]]
    assert newest_ids([old, new], slice(0, 2)) == [made[5], made[4]]
    assert newest_ids([old, new], slice(2, 4)) == [made[3], made[2]]
