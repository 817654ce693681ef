"""Every question leaves a row that names nobody, and the holder learns who asked."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from zhicheng.verification import lookups
from zhicheng.verification.models import Lookup, Way

pytestmark = pytest.mark.django_db
PERSON = "500103199001010018"


def ask(**given: object) -> Lookup:
    lookups.record_lookup(**{"way": Way.PERSON, "address": "203.0.113.7", **given})  # type: ignore[arg-type]
    return Lookup.objects.latest("id")


def test_a_lookup_holds_no_name_number_or_address_in_clear() -> None:
    ask(name="张小明", id_number=PERSON, number="2026000150001", found=["2026000150001"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(l)::text FROM verification_lookup l")
        (row,) = cursor.fetchone()
    for word in ("张小明", PERSON, PERSON[-4:], "203.0.113"):
        assert word not in row


def test_the_same_asked_again_has_the_same_digests_and_neighbours_share_the_prefix() -> None:
    first = ask(name="张小明", id_number=PERSON)
    again = ask(name=" 张 小明", id_number=f" {PERSON[:6]} {PERSON[6:]}")
    assert first.person is not None and first.prefix is not None
    assert bytes(first.person) == bytes(again.person or b"")
    neighbour = ask(id_number="500103199001010026")
    assert bytes(neighbour.person or b"") != bytes(first.person)
    assert bytes(neighbour.prefix or b"") == bytes(first.prefix)
    assert bytes(first.address or b"") == bytes(neighbour.address or b"")
    today = timezone.localdate()
    tomorrow = lookups.address_digest("203.0.113.7", today + timedelta(days=1))
    assert tomorrow != lookups.address_digest("203.0.113.7", today)


def test_the_holder_learns_who_saw_the_certificate_and_not_what_failed() -> None:
    ask(found=["A1", "A2"])
    ask(way=Way.INTERFACE, found=["A2"], client="招聘系统")
    ask(id_number=PERSON)
    assert [(look.way, look.client) for look in lookups.lookups_of(["A2"])] == [
        ("interface", "招聘系统"),
        ("person", ""),
    ]
    assert len(lookups.lookups_of(["A1"])) == 1
    assert lookups.lookups_of(["A3"]) == []


def test_a_batch_is_one_statement(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        lookups.record_lookups(
            [lookups.Question(Way.BATCH, [f"B{n}"], number=f"B{n}") for n in range(50)]
        )
    assert Lookup.objects.filter(hit=True).count() == 50


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE verification_lookup SET hit = false, found = '{}'",
        "DELETE FROM verification_lookup",
        "UPDATE verification_lookup SET at = at - interval '3 years'",
    ],
)
def test_a_lookup_is_never_changed(statement: str) -> None:
    ask(found=["A1"])
    with (
        pytest.raises(IntegrityError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_which_lookups_touched_a_certificate_is_an_index_look_up() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT * FROM verification_lookup WHERE found && ARRAY['A1']::varchar[]"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert plan.count("Bitmap Index Scan") == 5
