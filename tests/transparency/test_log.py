"""The log in the database: what happens to certificates stands in it, and nobody can touch it."""

import json
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from tests.support.city import City, accepted_register, carry, deliver, found_city
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import Certificate
from zhicheng.cli import main
from zhicheng.credentials.queries import published_keys, publisher
from zhicheng.credentials.rules import publish
from zhicheng.registers.models import Register
from zhicheng.transparency import checkpoint, evidence, growing, queries
from zhicheng.transparency.checking import check
from zhicheng.transparency.models import LogEntry, LogNode, PendingEntry, TreeHead
from zhicheng.values import merkle

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return found_city()


def issued(city: City, people: int) -> Register:
    register = accepted_register(city, people)
    carry(city, register, "issued")
    return register


@pytest.fixture
def register(city: City) -> Register:
    deliver(city, 40)
    return issued(city, 5)


def refused_by(sql: str) -> str:
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as c:
        c.execute(sql)
    return str(caught.value.__cause__.diag.constraint_name)  # type: ignore[union-attr]


def test_n7_an_issue_is_noted_in_its_own_transaction(city: City, register: Register) -> None:
    assert PendingEntry.objects.filter(kind="issued").count() == 5
    assert growing.grow() == 5
    assert not PendingEntry.objects.exists()
    entries = list(LogEntry.objects.all())
    assert [entry.sequence for entry in entries] == [0, 1, 2, 3, 4]
    told = json.loads(entries[0].statement)
    certificate = entries[0].certificate
    assert (told["number"], told["name"], told["kind"]) == (
        certificate.number,
        certificate.name,
        "issued",
    )
    assert told["id_number_masked"] == certificate.id_number_masked
    assert growing.grow() == 0


def test_loss_finding_and_end_are_noted_once_each(city: City, register: Register) -> None:
    growing.grow_all()
    certificate = Certificate.objects.order_by("pk")[0]
    for change in (
        {"lost_at": timezone.now()},
        {"lost_at": None},
        {"lost_at": timezone.now()},
        {"voided_at": timezone.now(), "void_reason": "revoked"},
    ):
        Certificate.objects.filter(pk=certificate.pk).update(**change)
    growing.grow_all()
    kinds = LogEntry.objects.filter(certificate=certificate).values_list("kind", flat=True)
    assert list(kinds) == ["issued", "lost", "found", "lost", "voided"]
    assert check().passed


def test_nothing_is_noted_of_a_step_before_the_issue(city: City) -> None:
    deliver(city, 10)
    register = accepted_register(city, 2)
    carry(city, register, "embossed")
    assert not PendingEntry.objects.exists()


def test_the_tree_grown_in_parts_is_the_tree_grown_at_once(city: City, register: Register) -> None:
    issued(city, 6)
    growing.grow(3)
    growing.grow(1)
    growing.grow_all()
    leaves = [
        merkle.leaf_hash(growing.commitment(bytes(entry.salt), entry.statement))
        for entry in LogEntry.objects.all()
    ]
    nodes: dict[tuple[int, int], bytes] = {}
    for level, index, found in merkle.complete_subtrees(
        lambda level, index: nodes[level, index], 0, leaves
    ):
        nodes[level, index] = found
    kept = {(n.level, n.index): bytes(n.hash) for n in LogNode.objects.all()}
    assert kept == nodes
    for size in range(1, 12):
        assert queries.root_of(size) == merkle.root(lambda lv, i: nodes[lv, i], size)


def test_heads_are_signed_consistent_and_anchor_the_audit_chain(
    city: City, register: Register
) -> None:
    growing.grow_all()
    first = growing.publish_head()
    issued(city, 4)
    growing.grow_all()
    second = growing.publish_head()
    keys = published_keys()
    old, new = checkpoint.verify(first.note, keys), checkpoint.verify(second.note, keys)
    assert (old.size, new.size) == (5, 9)
    assert new.audit[0] > old.audit[0] > 0
    proof = queries.consistency(5, 9)
    merkle.verify_consistency(5, 9, proof, old.root, new.root)
    with pytest.raises(checkpoint.CheckpointError, match="签名不符"):
        checkpoint.verify(first.note.replace("\n5\n", "\n6\n"), keys)
    with pytest.raises(checkpoint.CheckpointError, match="没有已公布密钥"):
        checkpoint.verify(first.note, [])


def test_evidence_holds_and_no_changed_evidence_does(city: City, register: Register) -> None:
    growing.grow_all()
    growing.publish_head()
    number = Certificate.objects.order_by("pk")[2].number
    found = queries.evidence_of(number)
    assert found is not None
    text, keys = json.dumps(found, ensure_ascii=False), published_keys()
    proved = evidence.verify(text, keys)
    assert proved.statements[0]["number"] == number
    entry = found["entries"][0]  # type: ignore[index]
    for change in (
        {"statement": entry["statement"].replace(number, number[:-1] + "0")},
        {"salt": "00" * 16},
        {"index": entry["index"] + 1},
        {"inclusion": entry["inclusion"][:-1]},
    ):
        if {**entry, **change} == entry:
            continue
        forged = {**found, "entries": [{**entry, **change}]}
        with pytest.raises(evidence.EvidenceError):
            evidence.verify(json.dumps(forged, ensure_ascii=False), keys)
    for nonsense in (
        "",
        "[]",
        "{}",
        '{"format": 1}',
        text[:-40],
        json.dumps({**found, "entries": []}),
    ):
        with pytest.raises(evidence.EvidenceError):
            evidence.verify(nonsense, keys)


def test_the_log_is_never_changed(city: City, register: Register) -> None:
    growing.grow_all()
    growing.publish_head()
    table = "transparency_"
    assert refused_by(f"UPDATE {table}logentry SET statement = ''") == "log_entry_is_never_changed"
    assert refused_by(f"DELETE FROM {table}logentry") == "log_entry_is_never_changed"
    assert refused_by(f"DELETE FROM {table}lognode") == "log_node_is_never_changed"
    assert refused_by(f"UPDATE {table}treehead SET size = 0") == "tree_head_is_never_changed"
    columns = "certificate_id, kind, at, salt, statement, logged_at"
    gap = f"INSERT INTO {table}logentry (sequence, {columns})"
    assert refused_by(f"{gap} SELECT 99, {columns} FROM {table}logentry LIMIT 1") == (
        "log_entries_have_no_gap"
    )
    for size in (4, 6, 5):
        head = f"INSERT INTO {table}treehead (size, root, note, key_id, signed_at)"
        assert refused_by(f"{head} VALUES ({size}, 'x', '', 'k', now())") == "log_only_grows"


FORGERIES = [
    (
        "UPDATE transparency_logentry SET statement = replace(statement, '\"v\":1', '\"v\":2')",
        "log.node",
    ),
    ("UPDATE transparency_logentry SET statement = '['", "log.statement"),
    ("UPDATE transparency_logentry SET kind = 'lost' WHERE sequence = 1", "log.statement"),
    (
        (
            "UPDATE transparency_logentry SET certificate_id = "
            "(SELECT max(id) FROM certificates_certificate) WHERE sequence = 1"
        ),
        "log.statement",
    ),
    ("UPDATE certificates_certificate SET name = '别人'", "log.statement"),
    ("UPDATE transparency_logentry SET sequence = 99 WHERE sequence = 1", "log.gap"),
    ("DELETE FROM transparency_logentry WHERE sequence = 4", "log.root"),
    (
        "UPDATE transparency_lognode SET hash = sha256('x') WHERE level = 1 AND index = 0",
        "log.node",
    ),
    ("DELETE FROM transparency_lognode WHERE level = 1", "log.node"),
    ("INSERT INTO transparency_lognode VALUES (9, 9, sha256('x'))", "log.node"),
    ("UPDATE transparency_treehead SET size = 3", "log.head"),
    ("UPDATE transparency_treehead SET note = replace(note, 'time 2', 'time 1')", "log.head"),
    ("UPDATE audit_auditevent SET digest = sha256('x')", "log.audit"),
    (
        (
            "INSERT INTO transparency_logentry"
            " (sequence, certificate_id, kind, at, salt, statement, logged_at)"
            " SELECT 5, c.id, 'voided', now(), '0123456789abcdef', '{}', now()"
            " FROM certificates_certificate c LIMIT 1"
        ),
        "log.certificate",
    ),
]


def test_the_whole_check_finds_what_was_done_behind_the_guards(
    city: City, register: Register
) -> None:
    growing.grow_all()
    growing.publish_head()
    for forgery, kind in FORGERIES:
        assert check().passed
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(forgery)
            assert cursor.rowcount > 0
            assert kind in {fault["kind"] for fault in check().faults}, forgery
            transaction.set_rollback(True)


def test_a_loss_wiped_away_or_made_up_behind_the_guards_is_found(
    city: City, register: Register
) -> None:
    """Lost and found may come again and again; what counts is the last that the log says."""
    certificate = Certificate.objects.order_by("pk")[0]
    for lost in (timezone.now(), None, timezone.now(), None):
        Certificate.objects.filter(pk=certificate.pk).update(lost_at=lost)
    assert check().passed
    growing.grow(7)
    assert check().passed
    for before, behind in ((None, timezone.now()), (timezone.now(), None)):
        Certificate.objects.filter(pk=certificate.pk).update(lost_at=before)
        assert check().passed
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            Certificate.objects.filter(pk=certificate.pk).update(lost_at=behind)
            (fault,) = check().faults
            assert certificate.number in fault["message"] and "lost" in fault["message"]
            transaction.set_rollback(True)
    # The database lets no certificate stay lost without an application.
    Certificate.objects.filter(pk=certificate.pk).update(lost_at=None)
    assert check().passed


def test_the_check_reads_in_pieces(
    city: City, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    growing.grow(2)
    growing.publish_head()
    growing.grow_all()
    growing.publish_head()
    monkeypatch.setattr("zhicheng.transparency.checking.CHUNK", 2)
    report = check()
    assert report.passed and (report.entries, report.heads) == (5, 2)


def test_whatever_is_sent_as_evidence_gets_an_answer(
    client: Client, city: City, register: Register
) -> None:
    growing.grow_all()
    growing.publish_head()
    number = LogEntry.objects.get(sequence=0).certificate.number
    text = json.dumps(queries.evidence_of(number))
    for old, new in (
        ('"index": 0', '"index": Infinity'),
        ('"index": 0', '"index": 1e999'),
        ('"index": 0', '"index": "9"'),
        (r"time \d{4}-\S+Z", "time 9999-12-31T23:59:59Z"),
        (r"time \d{4}-\S+Z", "time 0001-01-01T00:00:00Z"),
        (r'"entries": \[', '"entries": [[],'),
        (r'"statement": "', r'"statement": "\\ud800'),
    ):
        changed = re.sub(old, new, text)
        assert changed != text
        sent = SimpleUploadedFile("evidence.json", changed.encode())
        answer = client.post("/log/", {"evidence": sent})
        assert answer.status_code == 200
        assert "证明不成立" in answer.content.decode(), new


def test_an_issue_that_the_log_misses_is_found(city: City, register: Register) -> None:
    PendingEntry.objects.all().delete()
    assert {fault["kind"] for fault in check().faults} == {"log.certificate"}


def test_the_holder_downloads_evidence_and_anybody_checks_it(
    client: Client,
    city: City,
    register: Register,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    growing.grow_all()
    growing.publish_head()
    certificate = Certificate.objects.order_by("pk")[0]
    asked = {"name": certificate.name, "number": certificate.number}
    page = client.post("/", asked).content.decode()
    assert "下载公开日志证明" in page
    answer = client.post("/log/evidence/", asked)
    assert answer["Content-Disposition"].startswith("attachment")
    file, keys = tmp_path / "evidence.json", tmp_path / "keys.json"
    file.write_bytes(answer.content)
    keys.write_text(json.dumps(publish(published_keys(), publisher()), ensure_ascii=False))
    assert main(["log", "verify", str(file), "--keys", str(keys)]) == 0
    assert certificate.number in capsys.readouterr().out
    with file.open("rb") as opened:
        told = client.post("/log/", {"evidence": opened}).content.decode()
    assert "证明成立" in told and certificate.number in told
    file.write_text(file.read_text().replace("issued", "voided"))
    assert main(["log", "verify", str(file), "--keys", str(keys)]) == 1
    assert "证明不成立" in capsys.readouterr().out
    with file.open("rb") as opened:
        assert "证明不成立" in client.post("/log/", {"evidence": opened}).content.decode()
    assert client.post("/log/evidence/", {**asked, "name": "无此人"}).status_code == 404


def test_proofs_by_address_hold_and_bad_questions_are_answered(
    client: Client, city: City, register: Register
) -> None:
    assert client.get("/log/checkpoint").status_code == 404
    growing.grow_all()
    head = growing.publish_head()
    assert client.get("/log/checkpoint").content.decode() == head.note
    assert client.get(f"/log/checkpoints/{head.pk}").content.decode() == head.note
    leaves = client.get("/log/leaves?start=0").json()["leaves"]
    assert len(leaves) == 5
    proof = client.get("/log/inclusion?index=3&size=5").json()["proof"]
    merkle.verify_inclusion(
        merkle.leaf_hash(bytes.fromhex(leaves[3])),
        3,
        5,
        [bytes.fromhex(item) for item in proof],
        bytes(head.root),
    )
    for bad in (
        "inclusion?index=5&size=5",
        "inclusion?index=0&size=6",
        "inclusion?index=-1&size=5",
        "inclusion",
        "consistency?first=0&second=3",
        "consistency?first=4&second=99",
        "leaves?start=x",
    ):
        assert client.get(f"/log/{bad}").status_code == 400
    page = client.get("/log/").content.decode()
    assert "第" in page and Certificate.objects.all()[0].name not in page


def test_what_is_published_tells_of_nobody(client: Client, city: City, register: Register) -> None:
    growing.grow_all()
    head = growing.publish_head()
    public = "".join(
        client.get(f"/log/{place}").content.decode()
        for place in ("", "checkpoint", f"checkpoints/{head.pk}", "leaves?start=0")
    )
    for certificate in Certificate.objects.all():
        for told in (certificate.name, certificate.number, certificate.id_number_masked):
            assert told not in public


def test_head_without_key_is_refused(city: City) -> None:
    from zhicheng.credentials import actions
    from zhicheng.credentials.queries import active_key
    from zhicheng.values.refusal import Refusal

    key = active_key()
    assert key is not None
    actions.retire(actor=city.who("office", "officer"), key_id=key.key_id)
    with pytest.raises(Refusal, match="检查点没有签名"):
        growing.publish_head()
    assert not TreeHead.objects.exists()


def test_statements_grow_with_nobody(city: City, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    """The path's statements are as many as before, and the log's don't grow with the batch."""
    deliver(city, 60)
    register = accepted_register(city, 30)
    carry(city, register, "embossed")
    path.issue(actor=city.who("health", "clerk"), register_id=register.pk)
    with django_assert_max_num_queries(10):
        assert growing.grow() == 30


@pytest.mark.django_db(transaction=True)
def test_a_watcher_outside_finds_a_log_that_went_another_way(
    live_server: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the command, over HTTP: grown is fine; another history of the same size is not."""
    city = found_city()
    deliver(city, 40)
    issued(city, 5)
    growing.grow_all()
    growing.publish_head()
    keys, state = tmp_path / "keys.json", tmp_path / "seen"
    keys.write_text(json.dumps(publish(published_keys(), publisher()), ensure_ascii=False))
    watch = ["log", "watch", str(live_server), "--keys", str(keys), "--state", str(state)]
    assert main(watch) == 0
    issued(city, 3)
    growing.grow_all()
    growing.publish_head()
    assert main(watch) == 0
    assert "共 8 条，由 5 条增加而来" in capsys.readouterr().out
    seen = state.read_text()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM transparency_treehead")
        cursor.execute("DELETE FROM transparency_lognode")
        cursor.execute("UPDATE transparency_logentry SET salt = sha256(salt)::bytea")
        cursor.execute("UPDATE transparency_logentry SET salt = substr(salt, 1, 16)")
        leaves = [
            merkle.leaf_hash(growing.commitment(bytes(salt), text))
            for salt, text in LogEntry.objects.values_list("salt", "statement")
        ]
        growing._add_nodes(0, leaves)
    issued(city, 1)
    growing.grow_all()
    growing.publish_head()
    assert main(watch) == 1
    assert "日志不一致" in capsys.readouterr().out
    assert state.read_text() == seen
