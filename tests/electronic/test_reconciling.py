"""What reconciliation finds where somebody got around the constraints (invariant 3)."""

from django.db import connection

from tests.electronic.batches import make
from tests.electronic.conftest import LogIn, Online
from tests.support.city import City
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.reconcile import reconcile


def test_n17_documents_are_found_by_whether_everybody_has_their_certificate(
    city: City, online: Online, log_in: LogIn
) -> None:
    done, open_ = online(2), online(2)
    make(city, done)
    for place, wanted, other in (("done", done, open_), ("open", open_, done)):
        page = log_in("office", "officer").get(f"/electronic/?place={place}").content.decode()
        assert wanted.number in page and other.number not in page, place
    assert reconcile().passed
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        type(done).objects.filter(pk=done.pk).update(issued_count=1)
        cursor.execute("SET LOCAL session_replication_role = origin")
    (fault,) = reconcile().faults
    assert (fault["kind"], fault["document"]) == (
        "document.certificates_miscounted",
        done.number,
    )


def test_reconcile_finds_a_missing_file(made: list[Certificate]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE electronic_electronicfile DISABLE TRIGGER USER")
        cursor.execute(
            "DELETE FROM electronic_electronicfile WHERE certificate_id = %s", [made[1].pk]
        )
        cursor.execute("ALTER TABLE electronic_electronicfile ENABLE TRIGGER USER")
    faults = reconcile().faults
    assert [(fault["kind"], fault["certificate"]) for fault in faults] == [
        ("electronic.not_one_file", made[1].number)
    ]


def test_reconcile_finds_files_that_were_exchanged(
    city: City, online: Online, made: list[Certificate]
) -> None:
    """Two good files, each signed by the seal, put under the other's number around the code."""
    make(city, online(2))
    assert reconcile().passed
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for old, new in ((made[0].pk, -1), (made[1].pk, made[0].pk), (-1, made[1].pk)):
            cursor.execute(
                "UPDATE electronic_electronicfile SET certificate_id = %s"
                " WHERE certificate_id = %s",
                [new, old],
            )
        cursor.execute("SET LOCAL session_replication_role = origin")
    faults = reconcile().faults
    assert {fault["kind"] for fault in faults} == {"electronic.not_the_recorded_file"}
    assert {fault["certificate"] for fault in faults} == {each.number for each in made}
