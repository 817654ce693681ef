"""Transfer slips: there and back, counted at both ends, a certificate in one place (N8, N18)."""

import io
from pathlib import Path

import pdfplumber
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils.timezone import localdate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.city import City, accepted_register, carry, deliver
from tests.support.stations import one, scan
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.verify import verify
from zhicheng.certificates import actions as path
from zhicheng.certificates import transfer_scans, transfers
from zhicheng.certificates.models import TransferLine, TransferSlip
from zhicheng.certificates.queries.transfers import to_send, where_are
from zhicheng.certificates.spoilage import spoil
from zhicheng.certificates.transfer_lifecycle import TRANSFER
from zhicheng.certificates.transfer_papers import slip_pdf
from zhicheng.certificates.transfer_rules import Place, counted, place_of
from zhicheng.certificates.waiting import certificates_waiting
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register
from zhicheng.values.refusal import NotPermitted, Refusal


def made(city: City, register: Register) -> TransferSlip:
    return transfers.make_slip(
        actor=city.who("health", "clerk"), embosser_id=city.office.pk, register_id=register.pk
    )


def sent(city: City, register: Register) -> TransferSlip:
    slip = made(city, register)
    return transfers.send(actor=city.who("health", "clerk"), slip_id=slip.pk, carried_by="送件王")


def arrived(city: City, register: Register) -> TransferSlip:
    slip = sent(city, register)
    return transfers.receive(
        actor=city.who("office", "embosser"), slip_id=slip.pk, counted=slip.lines.count()
    )


def place(register: Register, position: int = 0) -> Place:
    item = one(register, position)
    return where_are([item])[item.pk].place


def test_n8_a_slip_goes_there_and_back_and_each_place_is_known(
    city: City, senior: Register
) -> None:
    clerk, embosser = city.who("health", "clerk"), city.who("office", "embosser")
    assert place(senior) == Place.UNIT
    (group,) = to_send(clerk)
    assert (group.embosser, group.count) == (city.office, 4)
    slip = made(city, senior)
    assert slip.number.startswith(f"YJ{localdate().year}-")
    assert (slip.lines.count(), place(senior)) == (4, Place.UNIT)
    assert to_send(clerk) == []
    transfers.send(actor=clerk, slip_id=slip.pk, carried_by="送件王")
    assert place(senior) == Place.THERE
    transfers.receive(actor=embosser, slip_id=slip.pk, counted=4)
    assert place(senior) == Place.EMBOSSER
    path.emboss(actor=embosser, register_id=senior.pk)
    transfers.give_back(actor=embosser, slip_id=slip.pk, collected_by="取件李")
    assert place(senior) == Place.BACK
    transfers.take_back(actor=clerk, slip_id=slip.pk, counted=4)
    assert place(senior) == Place.UNIT
    slip.refresh_from_db()
    assert (slip.state, slip.carried_by, slip.collected_by) == ("closed", "送件王", "取件李")
    assert (slip.received_by, slip.taken_back_by) == (embosser, clerk)
    assert not TransferLine.objects.filter(open=True).exists()
    path.issue(actor=clerk, register_id=senior.pk)
    assert place(senior) == Place.HOLDER
    tags = list(
        AuditEvent.objects.filter(subject_type="certificates.transferslip")
        .order_by("sequence")
        .values_list("tag", flat=True)
    )
    assert [tag.rpartition(":")[2] for tag in tags] == [
        "make",
        "send",
        "receive",
        "return",
        "take_back",
    ]
    assert verify().passed


def test_n8_what_came_is_scanned_and_differences_are_named(city: City, senior: Register) -> None:
    other = accepted_register(city, 2, grades=[Grade.SENIOR])
    carry(city, other, "sealed")
    slip = sent(city, senior)
    embosser = city.who("office", "embosser")
    for position in (0, 1, 2):
        answer = transfer_scans.scan(embosser, slip, one(senior, position).number)
        assert answer.outcome == "good"
    assert answer.as_json()["tally"] == "已清点 3 / 4 本"
    assert transfer_scans.scan(embosser, slip, one(senior).number).outcome == "again"
    surplus = transfer_scans.scan(embosser, slip, one(other).number)
    assert (surplus.outcome, surplus.title) == ("bad", "多出一本")
    strange = transfer_scans.scan(embosser, slip, "2099123456789")
    assert strange.outcome == "bad"
    with pytest.raises(Refusal) as refused:
        transfers.receive(actor=embosser, slip_id=slip.pk)
    serial = one(senior, 3).blank_serial
    assert f"缺少 1 本：{serial:07d}" in refused.value.found
    transfers.receive(actor=embosser, slip_id=slip.pk, differences_seen=True)
    slip.refresh_from_db()
    assert slip.found == [{"text": "2099123456789", "why": "没有这个编号"}]
    assert slip.lines.get(certificate=one(senior, 3)).came is False
    assert slip.lines.get(certificate=one(other)).surplus
    assert (place(senior, 3), place(other)) == (Place.MISSING, Place.EMBOSSER)
    # Found again: it goes on another slip.
    again = transfers.make_slip(actor=city.who("health", "clerk"), embosser_id=city.office.pk)
    transfers.add_to_slip(
        actor=city.who("health", "clerk"), slip_id=again.pk, certificate_ids=[one(senior, 3).pk]
    )
    assert place(senior, 3) == Place.UNIT
    text = text_of(slip_pdf(slip))
    assert "缺少" in text
    assert f"{serial:07d}" in text


def text_of(pdf: bytes) -> str:
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        return "".join(page.extract_text() or "" for page in document.pages).replace(" ", "")


def test_n8_what_bears_no_seal_goes_back_knowingly_and_may_be_missing(
    city: City, senior: Register
) -> None:
    slip = arrived(city, senior)
    embosser, clerk = city.who("office", "embosser"), city.who("health", "clerk")
    for position in (0, 1, 2):
        assert scan(embosser, "embossed-seal", one(senior, position).number).outcome == "good"
    with pytest.raises(Refusal) as refused:
        transfers.give_back(actor=embosser, slip_id=slip.pk, collected_by="取件李")
    assert one(senior, 3).number in refused.value.found
    slip = transfers.give_back(
        actor=embosser, slip_id=slip.pk, collected_by="取件李", unembossed_too=True
    )
    assert "未盖钢印" in text_of(slip_pdf(slip, back=True))
    for position in (0, 1, 3):
        assert transfer_scans.scan(clerk, slip, one(senior, position).number).outcome == "good"
    with pytest.raises(Refusal):
        transfers.take_back(actor=clerk, slip_id=slip.pk)
    transfers.take_back(actor=clerk, slip_id=slip.pk, differences_seen=True)
    assert place(senior, 2) == Place.MISSING
    assert place(senior, 3) == Place.UNIT


def test_n18_a_hand_over_has_two_names_and_a_counted_number(city: City, senior: Register) -> None:
    clerk, embosser = city.who("health", "clerk"), city.who("office", "embosser")
    slip = made(city, senior)
    for name in ("", clerk.display_name):
        with pytest.raises(Refusal) as refused:
            transfers.send(actor=clerk, slip_id=slip.pk, carried_by=name)
        assert refused.value.rule == "transfer.two_names"
    transfers.send(actor=clerk, slip_id=slip.pk, carried_by="送件王")
    for number in (None, 3, 5):
        with pytest.raises(Refusal) as refused:
            transfers.receive(actor=embosser, slip_id=slip.pk, counted=number)
        assert refused.value.rule == "transfer.count_differs"
    slip.refresh_from_db()
    assert slip.state == "sent"


def test_a_certificate_needs_no_slip_to_be_embossed(city: City, senior: Register) -> None:
    embosser = city.who("office", "embosser")
    assert scan(embosser, "embossed-seal", one(senior).number).outcome == "good"
    assert place(senior) == Place.UNIT


def test_a_certificate_is_on_one_open_slip(city: City, senior: Register) -> None:
    first = made(city, senior)
    clerk = city.who("health", "clerk")
    second = transfers.make_slip(actor=clerk, embosser_id=city.office.pk)
    with pytest.raises(Refusal) as refused:
        transfers.add_to_slip(actor=clerk, slip_id=second.pk, certificate_ids=[one(senior).pk])
    assert (refused.value.rule, first.number in refused.value.found) == (
        "transfer.on_another_slip",
        True,
    )
    answer = transfer_scans.scan(clerk, second, one(senior).number)
    assert (answer.outcome, first.number in answer.detail) == ("bad", True)
    transfers.cancel(actor=clerk, slip_id=first.pk)
    transfers.add_to_slip(actor=clerk, slip_id=second.pk, certificate_ids=[one(senior).pk])
    (line,) = second.lines.all()
    transfers.take_off_slip(actor=clerk, slip_id=second.pk, line_ids=[line.pk])
    with pytest.raises(Refusal):
        transfers.send(actor=clerk, slip_id=second.pk, carried_by="送件王")


def test_a_spoiled_certificate_leaves_its_slip(city: City, senior: Register) -> None:
    slip = arrived(city, senior)
    clerk = city.who("health", "clerk")
    spoil(
        actor=clerk,
        register_id=senior.pk,
        serials=[one(senior).blank_serial or 0],
        reason="damaged",
    )
    assert not slip.lines.get(certificate=one(senior)).open
    assert place(senior) == Place.UNIT
    path.seal(actor=city.who("health", "officer"), register_id=senior.pk)
    again = transfers.make_slip(actor=clerk, embosser_id=city.office.pk, register_id=senior.pk)
    assert again.lines.count() == 1


def test_n3_only_the_two_sides_move_a_slip(city: City, senior: Register) -> None:
    slip = made(city, senior)
    for who in (("enterprise", "clerk"), ("industry", "embosser"), ("office", "embosser")):
        with pytest.raises(NotPermitted):
            transfers.send(actor=city.who(*who), slip_id=slip.pk, carried_by="送件王")
    transfers.send(actor=city.who("health", "clerk"), slip_id=slip.pk, carried_by="送件王")
    for who in (("health", "clerk"), ("health", "embosser"), ("office", "auditor")):
        with pytest.raises(NotPermitted):
            transfers.receive(actor=city.who(*who), slip_id=slip.pk, counted=4)
    with pytest.raises(Refusal):
        transfers.make_slip(actor=city.who("health", "clerk"), embosser_id=city.health.pk)
    with pytest.raises(Refusal):
        transfers.make_slip(actor=city.who("health", "clerk"), embosser_id=city.district.pk)


def test_n18_slips_that_wait_age_on_the_first_page(city: City, senior: Register) -> None:
    def titles(who: tuple[str, str]) -> set[str]:
        return {
            group.title
            for group in certificates_waiting(city.who(*who))
            if group.count and "移交单" in group.title
        }

    clerk, embosser = ("health", "clerk"), ("office", "embosser")
    slip = made(city, senior)
    assert (titles(clerk), titles(embosser)) == ({"未移交的移交单"}, {"将送来盖钢印的移交单"})
    transfers.send(actor=city.who(*clerk), slip_id=slip.pk, carried_by="送件王")
    assert (titles(clerk), titles(embosser)) == ({"对方未签收的移交单"}, {"待签收的移交单"})
    transfers.receive(actor=city.who(*embosser), slip_id=slip.pk, counted=4)
    assert (titles(clerk), titles(embosser)) == ({"对方未退回的移交单"}, {"待退回的移交单"})
    path.emboss(actor=city.who(*embosser), register_id=senior.pk)
    transfers.give_back(actor=city.who(*embosser), slip_id=slip.pk, collected_by="取件李")
    assert (titles(clerk), titles(embosser)) == ({"待领回的移交单"}, {"对方未领回的移交单"})


AROUND = {
    "certificate_on_one_open_slip_at_most": (
        "INSERT INTO certificates_transferline (slip_id, certificate_id, serial, surplus, open)"
        " SELECT (SELECT max(id) FROM certificates_transferslip), certificate_id, serial, false,"
        " true FROM certificates_transferline LIMIT 1"
    ),
    "slip_holds_certificates_of_its_unit_and_embosser": (
        "INSERT INTO certificates_transferline (slip_id, certificate_id, serial, surplus, open)"
        " SELECT (SELECT max(id) FROM certificates_transferslip), c.id, c.blank_serial, false,"
        " true FROM certificates_certificate c WHERE c.grade = 'intermediate' LIMIT 1"
    ),
    "lines_of_a_slip_on_the_way_stay": "DELETE FROM certificates_transferline",
    "count_of_a_slip_stays": "UPDATE certificates_transferline SET back = true",
    "transfer_slip_is_never_removed": "DELETE FROM certificates_transferslip",
    "transfer_slip_goes_step_by_step": (
        "UPDATE certificates_transferslip SET state = 'closed' WHERE state = 'sent'"
    ),
    "hand_over_is_never_rewritten": (
        "UPDATE certificates_transferslip SET carried_by = '别人' WHERE state = 'sent'"
    ),
    "slip_on_the_way_names_giver_and_carrier": (
        "UPDATE certificates_transferslip SET state = 'sent' WHERE state = 'draft'"
    ),
    "arrived_slip_names_who_received_it": (
        "UPDATE certificates_transferslip SET state = 'arrived' WHERE state = 'sent'"
    ),
}


def test_the_database_says_no_by_name(city: City, senior: Register) -> None:
    other = accepted_register(city, 2)
    deliver(city, 10)
    carry(city, other, "sealed")
    sent(city, senior)
    transfers.make_slip(actor=city.who("health", "clerk"), embosser_id=city.office.pk)
    for constraint, statement in AROUND.items():
        with (
            pytest.raises(DatabaseError) as refused,
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
        cause = refused.value.__cause__
        assert cause.diag.constraint_name == constraint  # type: ignore[union-attr]


def test_a_slip_opened_by_plain_sql_is_not_open(city: City, senior: Register) -> None:
    slip = made(city, senior)
    transfers.cancel(actor=city.who("health", "clerk"), slip_id=slip.pk)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE certificates_transferline SET open = true")
    assert not slip.lines.filter(open=True).exists()


def test_the_statements_of_a_slip_do_not_grow_with_its_lines(city: City) -> None:
    from django.test.utils import CaptureQueriesContext

    found = []
    for people in (2, 40):
        register = accepted_register(city, people, grades=[Grade.SENIOR])
        deliver(city, 2 * people, grade=Grade.SENIOR)
        carry(city, register, "sealed")
        with CaptureQueriesContext(connection) as queries:
            slip = arrived(city, register)
            path.emboss(actor=city.who("office", "embosser"), register_id=register.pk)
            transfers.give_back(
                actor=city.who("office", "embosser"), slip_id=slip.pk, collected_by="取件李"
            )
            transfers.take_back(actor=city.who("health", "clerk"), slip_id=slip.pk, counted=people)
        found.append(len(queries))
    assert found[1] <= found[0]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    expected=st.sets(st.integers(1, 30), max_size=20),
    there=st.sets(st.integers(1, 30), max_size=20),
)
def test_what_was_counted_adds_up(expected: set[int], there: set[int]) -> None:
    found = counted(expected, there)
    sizes = {name: sum(len(part) for part in getattr(found, name)) for name in vars(found)}
    assert sizes["there"] + sizes["missing"] == sizes["expected"] == len(expected)
    assert sizes["there"] + sizes["surplus"] == len(there)
    assert found.agrees == (expected == there)


@given(
    state=st.sampled_from(["awaiting_blank", "filled", "sealed", "embossed", "issued"]),
    slip_state=st.sampled_from(["", *TRANSFER.states]),
    came=st.sampled_from([None, True, False]),
    back=st.sampled_from([None, True, False]),
    same_blank=st.booleans(),
)
def test_every_certificate_is_in_exactly_one_place(
    state: str, slip_state: str, came: bool | None, back: bool | None, same_blank: bool
) -> None:
    found = place_of(
        state=state, slip_state=slip_state, came=came, back=back, same_blank=same_blank
    )
    assert isinstance(found, Place)
    if found in (Place.THERE, Place.EMBOSSER, Place.BACK):
        assert slip_state in ("sent", "arrived", "returning")
        assert same_blank
    if state == "issued":
        assert found == Place.HOLDER


def test_the_lifecycle_is_the_databases(city: City) -> None:
    """Every move of the table, and no other, is what the trigger lets through."""
    moves = {
        (source, move.target)
        for move in TRANSFER.transitions
        for source in move.sources
        if source != move.target
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'transfer_slip_guard'")
        (source_text,) = cursor.fetchone()
    for move in moves:
        assert f"('{move[0]}', '{move[1]}')" in source_text
    assert source_text.count("('") == len(moves)


def test_the_diagram_in_the_docs_is_the_lifecycle() -> None:
    text = (Path(__file__).parents[2] / "docs" / "stations.md").read_text("utf-8")
    drawn = text.split("```mermaid\n")[1].split("\n```")[0]
    assert set(drawn.splitlines()) == set(TRANSFER.mermaid().splitlines())
