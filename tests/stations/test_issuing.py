"""Issue to the holder or an agent: records, authorisation, the list to sign (N8, N18)."""

import io

import pdfplumber
import pytest
from django.db import DatabaseError, connection, transaction

from tests.support.city import City, accepted_register, carry, deliver, id_number
from tests.support.pages import logged_in
from tests.support.privacy import id_numbers_in
from tests.support.stations import authorisation, one, scan
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.verify import verify
from zhicheng.certificates import actions as path
from zhicheng.certificates import issuing
from zhicheng.certificates.models import IssueAgent, IssueRecord
from zhicheng.certificates.queries.issued import reminder, signatures_of, uncollected
from zhicheng.certificates.station_ranges import record_pile
from zhicheng.certificates.stations import STATIONS
from zhicheng.certificates.views import lists
from zhicheng.documents import signature_list
from zhicheng.files.store import content_of
from zhicheng.protection import reveal
from zhicheng.registers.models import Register
from zhicheng.values.refusal import NotPermitted, Refusal

AGENT = id_number(77, born="19700101")


@pytest.fixture
def complete(city: City) -> Register:
    """Four complete certificates that wait for their holders."""
    register = accepted_register(city, 4)
    deliver(city, 20)
    carry(city, register, "embossed")
    return register


def named(city: City, **more: object) -> IssueAgent:
    values: dict[str, object] = {
        "name": "杜若谷",
        "id_number": AGENT,
        "relation": "unit_clerk",
        "authorisation": authorisation(),
        "id_checked": True,
    }
    return issuing.name_agent(actor=city.who("health", "clerk"), **{**values, **more})  # type: ignore[arg-type]


def test_n8_an_agent_takes_many_by_one_authorisation(city: City, complete: Register) -> None:
    clerk = city.who("health", "clerk")
    agent = named(city)
    assert agent.id_number_masked == f"{AGENT[:3]}***********{AGENT[-4:]}"
    assert reveal(bytes(agent.id_number_cipher)) == AGENT
    assert content_of(agent.authorisation).startswith(b"%PDF-")
    assert scan(clerk, "issue", one(complete).number, agent_id=agent.pk).outcome == "good"
    ends = {"first": one(complete, 1).number, "last": one(complete, 3).number}
    record_pile(actor=clerk, station=STATIONS["issue"], counted=3, agent_id=agent.pk, **ends)
    assert complete.certificates.filter(state="issued", recipient="杜若谷").count() == 4
    records = IssueRecord.objects.filter(certificate__register=complete)
    assert {(item.agent_id, item.relation, item.id_checked) for item in records} == {
        (agent.pk, "agent", True)
    }
    assert verify().passed


def test_n8_a_pile_goes_to_nobody_without_authorisation(city: City, complete: Register) -> None:
    ends = {"first": one(complete).number, "last": one(complete, 3).number}
    with pytest.raises(Refusal) as refused:
        record_pile(actor=city.who("health", "clerk"), station=STATIONS["issue"], counted=4, **ends)
    assert refused.value.rule == "station.pile_needs_agent"
    assert not complete.certificates.filter(state="issued").exists()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"name": " "}, "issue.agent_incomplete"),
        ({"relation": ""}, "issue.agent_incomplete"),
        ({"relation": "other"}, "issue.agent_incomplete"),
        ({"id_checked": False}, "issue.agent_incomplete"),
        ({"id_number": ""}, "issue.agent_id_number"),
        ({"id_number": AGENT[:17] + ("0" if AGENT[17] != "0" else "1")}, "issue.agent_id_number"),
        ({"id_number": AGENT[:15]}, "issue.agent_id_number"),
        ({"authorisation": None}, "issue.authorisation_missing"),
    ],
)
def test_n8_an_agent_is_told_completely(city: City, change: dict[str, object], rule: str) -> None:
    with pytest.raises(Refusal) as refused:
        named(city, **change)
    assert refused.value.rule == rule
    assert AGENT[:15] not in str(refused.value)
    assert not IssueAgent.objects.exists()


def test_n8_every_kind_of_document_and_relation_is_known(city: City) -> None:
    assert named(city, id_number="E12345678").id_kind == "passport"
    other = named(city, relation="other", relation_text="同寝室友", id_number=AGENT.lower())
    assert (other.relation_words, other.id_kind) == ("同寝室友", "resident")


def test_n18_issue_records_are_never_changed_and_their_digests_watched(
    city: City, complete: Register
) -> None:
    agent = named(city)
    path.issue(actor=city.who("health", "clerk"), register_id=complete.pk, agent_id=agent.pk)
    for table in ("issuerecord", "issueagent"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM certificates_{table}")
    sabotage = {
        "who took it": "UPDATE certificates_issuerecord SET recipient = '别人'",
        "the agent": "UPDATE certificates_issueagent SET id_number_masked = '1***1'",
        "a record": "DELETE FROM certificates_issuerecord",
    }
    for what, statement in sabotage.items():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET LOCAL session_replication_role = replica")
                cursor.execute(statement)
            faults = verify().faults
            assert any("issuerecord" in fault["message"] for fault in faults), what
            transaction.set_rollback(True)
    assert verify().passed


def test_the_database_keeps_records_and_certificates_together(
    city: City, complete: Register
) -> None:
    item = one(complete)
    issued = (
        "UPDATE certificates_certificate SET state = 'issued', issued_at = clock_timestamp(),"
        " recipient = name, recipient_relation = 'holder', issued_by_id = filled_by_id"
        f" WHERE id = {item.pk}"
    )
    record = (
        "INSERT INTO certificates_issuerecord"
        " (certificate_id, recipient, relation, id_checked, issued_at, issued_by_id)"
        " SELECT id, '别人', 'holder', true, now(), filled_by_id"
        f" FROM certificates_certificate WHERE id = {item.pk}"
    )
    # An agent without a name on record, who would have no authorisation.
    by_an_agent = issued.replace("= name,", "= '别人',").replace("'holder'", "'agent'")
    record_of_nobody = record.replace("'holder'", "'agent'").replace("now()", "issued_at")
    cases = {
        "issued_certificate_has_its_record": [issued],
        "agent_takes_by_authorisation": [by_an_agent, record_of_nobody],
        "issue_record_equals_its_certificate": [issued, record],
    }
    for constraint, statements in cases.items():
        whole = "; ".join([*statements, "SET CONSTRAINTS ALL IMMEDIATE"])
        with (
            pytest.raises(DatabaseError) as refused,
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(whole)
        cause = refused.value.__cause__
        assert cause.diag.constraint_name == constraint  # type: ignore[union-attr]


def test_n18_an_agents_number_stands_nowhere_in_clear(city: City, complete: Register) -> None:
    agent = named(city)
    path.issue(actor=city.who("health", "clerk"), register_id=complete.pk, agent_id=agent.pk)
    for event in AuditEvent.objects.all():
        assert AGENT not in str(event.data)
    assert not id_numbers_in(str(list(AuditEvent.objects.values_list("data", flat=True))))
    with connection.cursor() as cursor:
        for table in ("issueagent", "issuerecord"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM certificates_{table} t")
            assert AGENT not in cursor.fetchone()[0]
    clerk = city.who("health", "clerk")
    shown = issuing.show_agents_id_number(actor=clerk, agent=agent, purpose="issue")
    assert shown == AGENT
    assert AuditEvent.objects.latest("sequence").tag == "any:person:unmask"
    with pytest.raises(NotPermitted):
        issuing.show_agents_id_number(
            actor=city.who("enterprise", "clerk"), agent=agent, purpose="issue"
        )
    with pytest.raises(Refusal):
        issuing.show_agents_id_number(actor=clerk, agent=agent, purpose="")


def test_n8_an_agent_of_another_unit_takes_nothing(city: City, complete: Register) -> None:
    foreign = issuing.name_agent(
        actor=city.who("enterprise", "clerk"),
        name="别处来",
        id_number=AGENT,
        relation="colleague",
        authorisation=authorisation(),
        id_checked=True,
    )
    with pytest.raises(Refusal) as refused:
        path.issue(actor=city.who("health", "clerk"), register_id=complete.pk, agent_id=foreign.pk)
    assert refused.value.rule == "certificate.agent_unknown"


def test_n8_the_list_to_sign_is_blank_before_and_filled_after(
    city: City, complete: Register
) -> None:
    before = signatures_of(complete)
    assert {(row.agent, row.day) for row in before.rows} == {("", "")}
    agent = named(city)
    clerk = city.who("health", "clerk")
    scan(clerk, "issue", one(complete).number, id_checked=True)
    scan(clerk, "issue", one(complete, 1).number, agent_id=agent.pk)
    after = signatures_of(complete)
    assert [row.agent for row in after.rows] == ["本人", "杜若谷（单位经办人）", "", ""]
    assert after.digest != before.digest
    created = one(complete).issued_at
    assert created is not None
    pdf = signature_list.render(after, created=created)
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        text = "".join(page.extract_text() or "" for page in document.pages).replace(" ", "")
    for words in ("领取签收表", "领取人签名", "第1页", "共1页", after.digest, "杜若谷"):
        assert words in text, words
    assert one(complete).id_number_masked in text
    assert not id_numbers_in(text)


def test_n8_uncollected_certificates_are_named_without_id_numbers(
    city: City, complete: Register
) -> None:
    clerk = city.who("health", "clerk")
    scan(clerk, "issue", one(complete).number, id_checked=True)
    waiting = list(uncollected(clerk))
    assert len(waiting) == 3
    text = reminder(waiting)
    assert one(complete, 1).number in text
    assert one(complete).number not in text
    assert one(complete, 1).id_number_masked not in text
    assert not uncollected(city.who("enterprise", "clerk")).exists()


def test_a_register_leads_to_what_nobody_collected_of_it_however_old_it_is(
    city: City, complete: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The filter offers the newest registers; its own page asks for one that isn't among them."""
    monkeypatch.setattr(lists, "REGISTERS_OFFERED", 0)
    client = logged_in(city.who("health", "clerk"))
    for page in ("uncollected/", ""):
        listed = client.get(f"/certificates/{page}", {"register": complete.pk}).content.decode()
        assert one(complete, 1).number in listed and "没有这一项" not in listed
    other = logged_in(city.who("enterprise", "clerk"))
    listed = other.get("/certificates/uncollected/", {"register": complete.pk}).content.decode()
    assert complete.number not in listed and "没有这一项" in listed


def test_n18_the_signed_list_is_kept_and_each_look_recorded(city: City, complete: Register) -> None:
    clerk = city.who("health", "clerk")
    (kept,) = issuing.attach_signed_lists(
        actor=clerk, register_id=complete.pk, files=[authorisation()]
    )
    assert content_of(issuing.open_signed_list(actor=clerk, item=kept)).startswith(b"%PDF-")
    tags = list(AuditEvent.objects.order_by("-sequence").values_list("tag", flat=True)[:2])
    assert tags == ["any:issue_record:view", "unit:signature_list:attach"]
    with pytest.raises(NotPermitted):
        issuing.attach_signed_lists(
            actor=city.who("office", "officer"), register_id=complete.pk, files=[authorisation()]
        )
    with pytest.raises(NotPermitted):
        issuing.open_signed_list(actor=city.who("enterprise", "clerk"), item=kept)
