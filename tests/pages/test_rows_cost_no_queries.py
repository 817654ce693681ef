"""No page's queries grow with its rows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.pages.addresses import OF_ONLINE
from tests.pages.things import carry_one, electronic
from tests.support.city import City, accepted_register, carry, deliver
from tests.support.pages import logged_in
from tests.support.printing import started

pytestmark = pytest.mark.django_db

# Who looks at which page whose rows could cost a query each.
COUNTED = (
    (("health", "clerk"), "/certificates/"),
    (("health", "clerk"), "/certificates/registers/{register}/"),
    (("health", "clerk"), "/certificates/registers/"),
    (("health", "clerk"), "/certificates/printing/"),
    (("health", "clerk"), "/certificates/printing/{job}/"),
    (("hospital", "clerk"), "/registers/{register}/"),
    (("hospital", "clerk"), "/registers/{register}/versions/1/"),
    (("office", "clerk"), "/registers/{register}/paper/"),
    (("office", "officer"), "/registers/"),
    (("office", "officer"), "/blanks/"),
    (("office", "officer"), "/blanks/allotments/"),
    (("office", "officer"), "/blanks/allotments/{register}/"),
    (("office", "officer"), "/blanks/orders/"),
    (("office", "officer"), "/blanks/left-over/"),
    (("health", "officer"), "/blanks/left-over/{register}/intermediate/"),
    (("office", "officer"), "/blanks/movements/"),
    (("office", "auditor"), "/audit/"),
    (("health", "clerk"), "/tasks/"),
    (("health", "clerk"), "/certificates/registers/{register}/issued/"),
    (("health", "clerk"), "/certificates/uncollected/"),
    (("health", "clerk"), "/certificates/transfers/"),
    (("health", "clerk"), "/certificates/scan/issue/?register={register}"),
    (("health", "clerk"), "/certificates/scan/issue/missing/?register={register}"),
)


def counted(city: City, people: int) -> dict[str, int]:
    """How many queries each page takes with a register of so many people, issued."""
    register = accepted_register(city, people)
    deliver(city, 2 * people + 4)
    carry(city, register, "filled")
    job = started(city.who("health", "clerk"), register, address="")
    for step in ("sealed", "embossed", "issued"):
        carry_one(city, register, step)
    found = {}
    for who, path in COUNTED:
        client = logged_in(city.who(*who))
        client.get("/tasks/")
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path.format(register=register.pk, job=job.pk))
        assert answer.status_code == 200, path
        found[path] = len(queries)
    return found


def test_the_queries_of_a_page_do_not_grow_with_its_rows(city: City) -> None:
    few, many = counted(city, 4), counted(city, 40)
    # A second register brings a few of its own (there is somewhere to move spares to); rows none.
    assert not {path for path in few if many[path] > few[path] + 5 or many[path] >= 60}, (few, many)


def test_pages_of_electronic_certificates_do_not_grow_with_their_rows(city: City) -> None:
    counts: list[dict[str, int]] = []
    client = logged_in(city.who("health", "officer"))
    for people in (2, 20):
        names = electronic(city, people)
        client.get("/tasks/")
        counts.append({})
        for path in (*OF_ONLINE[:1], "/electronic/", "/electronic/certificates/", "/tasks/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path.format(**names)).status_code == 200
            counts[-1][path] = len(queries)
    few, many = counts
    assert not {path for path in few if many[path] > few[path] + 1}, counts
