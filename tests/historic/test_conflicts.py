"""N7: what two sources say differently is found as records come, and decided by a person."""

import threading
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.historic.conftest import OLD_15, Imported, line
from tests.support.city import City, accepted_register, carry, deliver
from zhicheng.audit.models import AuditEvent
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import Certificate
from zhicheng.protection import reveal
from zhicheng.values.refusal import Conflict, NotPermitted, Refusal
from zhicheng.verification.conflicts import all_conflicts, open_conflicts, sides
from zhicheng.verification.decisions import decide, revoke
from zhicheng.verification.models import Outcome, SourceConflict, SourceDecision
from zhicheng.verification.queries import find_by_number, find_by_person
from zhicheng.verification.rules import Record, Source, conflicts, differences


@pytest.fixture
def certificate(city: City) -> Certificate:
    """One that a register issued."""
    register = accepted_register(city, 1)
    deliver(city, 5)
    carry(city, register, "issued")
    return Certificate.objects.get()


def row_of(certificate: Certificate, **changed: Any) -> dict[str, Any]:
    """What a ledger says of it."""
    return {
        **line(certificate.number),
        "姓 名": certificate.name,
        "性别": "",
        "身份证号": reveal(bytes(certificate.id_number_cipher)),
        "从事专业": certificate.specialty,
        "任职资格": certificate.qualification,
        "评审通过时间": certificate.approval_date.isoformat(),
        "发证日期": "",
        "文件号": certificate.document_number,
        **changed,
    }


def test_n7_a_ledger_that_agrees_is_no_conflict_and_one_that_does_not_is(
    certificate: Certificate, loaded: Imported
) -> None:
    loaded([row_of(certificate)])
    assert not SourceConflict.objects.exists()
    loaded([row_of(certificate, 从事专业="")], title="没有专业的台账")
    assert not SourceConflict.objects.exists()  # what a source doesn't say is no disagreement
    month = certificate.approval_date.strftime("%Y年%m月")
    loaded([row_of(certificate, 评审通过时间=month)], title="只有年月的台账")
    assert not SourceConflict.objects.exists()
    ledger = loaded([row_of(certificate, 从事专业="外科")], title="另一本")
    # With the certificate, and with each of the ledgers that name a specialty.
    found = {(item.first_source, tuple(item.fields)) for item in open_conflicts()}
    assert found == {("register", ("specialty",)), ("legacy", ("specialty",))}
    assert ledger.conflict_count == 1


def test_n7_an_issue_finds_the_ledger_that_was_there_before(city: City, loaded: Imported) -> None:
    register = accepted_register(city, 1)
    deliver(city, 5)
    carry(city, register, "embossed")
    certificate = Certificate.objects.get()
    loaded([row_of(certificate, 任职资格="主任医师")])
    assert not SourceConflict.objects.exists()  # nothing is in force yet
    path.issue(actor=city.who("health", "clerk"), register_id=register.pk)
    assert SourceConflict.objects.get().fields == ["qualification"]


def test_n7_until_it_is_decided_the_best_source_answers(
    certificate: Certificate, loaded: Imported
) -> None:
    loaded([row_of(certificate, **{"姓 名": "别的人", "身份证号": OLD_15})])
    (answer,) = find_by_number(certificate.number, certificate.name)
    assert answer.source is Source.REGISTER
    assert find_by_number(certificate.number, "别的人") == []
    assert find_by_person("别的人", OLD_15) == []


@pytest.mark.parametrize(
    ("outcome", "registered", "disputed", "other"),
    [
        (Outcome.FIRST_RIGHT, 1, False, 0),
        (Outcome.OTHER_RIGHT, 1, True, 0),
        (Outcome.BOTH_WRONG, 1, True, 0),
        (Outcome.TWO_CERTIFICATES, 1, False, 1),
    ],
)
def test_n7_what_the_query_answers_after_the_decision(
    city: City, certificate: Certificate, loaded: Imported,
    outcome: Outcome, registered: int, disputed: bool, other: int,
) -> None:  # fmt: skip
    loaded([row_of(certificate, **{"姓 名": "别的人", "身份证号": OLD_15})])
    conflict = SourceConflict.objects.get()
    decide(
        actor=city.who("office", "officer"),
        conflict_id=conflict.pk,
        outcome=outcome,
        reason="调阅原件",
        correct="以原件为准",
    )
    assert not open_conflicts().exists() and all_conflicts().get().decided
    mine = find_by_number(certificate.number, certificate.name)
    assert [item.disputed for item in mine] == [disputed] * registered
    assert len(find_by_number(certificate.number, "别的人")) == other
    assert len(find_by_person("别的人", OLD_15)) == other
    unchanged = Certificate.objects.get()
    assert unchanged.specialty == certificate.specialty and unchanged.voided_at is None
    event = AuditEvent.objects.get(tag="office:source_conflict:decide")
    assert event.data["outcome"] == outcome and event.data["reason"] == "调阅原件"


def test_n7_of_two_ledgers_the_right_one_answers_and_a_revoked_decision_counts_no_more(
    city: City, loaded: Imported
) -> None:
    officer = city.who("office", "officer")
    loaded([line("A-1")])
    loaded([line("A-1", 从事专业="桥梁工程")], title="另一本")
    conflict = SourceConflict.objects.get()
    decision = decide(
        actor=officer, conflict_id=conflict.pk, outcome=Outcome.OTHER_RIGHT, reason="原件"
    )
    (answer,) = find_by_person("龙若谷", OLD_15)
    assert answer.specialty == "桥梁工程"
    revoke(actor=officer, decision_id=decision.pk, reason="认错了")
    (answer,) = find_by_person("龙若谷", OLD_15)
    assert answer.specialty == "水利水电工程"
    assert open_conflicts().count() == 1
    # A new record about the number opens a new conflict, whatever was decided before.
    decide(actor=officer, conflict_id=conflict.pk, outcome=Outcome.FIRST_RIGHT, reason="再核")
    loaded([line("A-1", 从事专业="港口工程")], title="第三本")
    assert open_conflicts().count() == 2


def test_n7_a_decision_needs_a_reason_an_officer_and_what_is_right(
    city: City, loaded: Imported
) -> None:
    loaded([line("A-1"), line("A-1", 从事专业="桥梁工程")])
    conflict = SourceConflict.objects.get()
    officer = city.who("office", "officer")
    for outcome, reason in ((Outcome.FIRST_RIGHT, " "), (Outcome.BOTH_WRONG, "x"), ("?", "x")):
        with pytest.raises(Refusal):
            decide(actor=officer, conflict_id=conflict.pk, outcome=outcome, reason=reason)
    for organization, role in (("office", "clerk"), ("health", "officer"), ("office", "auditor")):
        with pytest.raises(NotPermitted):
            decide(
                actor=city.who(organization, role),
                conflict_id=conflict.pk,
                outcome=Outcome.FIRST_RIGHT,
                reason="x",
            )
    assert not SourceDecision.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_decide_once(city: City, loaded: Imported) -> None:
    loaded([line("A-1"), line("A-1", 从事专业="桥梁工程")])
    conflict = SourceConflict.objects.get()
    outcomes: list[str] = []

    def run(name: str, outcome: Outcome) -> None:
        try:
            decide(
                actor=city.who("office", name),
                conflict_id=conflict.pk,
                outcome=outcome,
                reason=name,
            )
            outcomes.append("decided")
        except Conflict as refusal:
            outcomes.append(refusal.rule)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=told)
        for told in (("officer", Outcome.FIRST_RIGHT), ("officer2", Outcome.OTHER_RIGHT))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["decided", "source_conflict.decided"]
    assert SourceDecision.objects.count() == 1


def test_the_list_takes_the_same_statements_for_few_conflicts_and_many(
    city: City, loaded: Imported
) -> None:
    counts = []
    for people in (2, 40):
        loaded(
            [
                line(f"C{people}-{n}", 从事专业=field)
                for n in range(people)
                for field in ("水利水电工程", "桥梁工程")
            ],
            title=f"台账{people}",
        )
        with CaptureQueriesContext(connection) as seen:
            shown = [sides(item) for item in open_conflicts()[:50]]
        assert shown
        counts.append(len(seen))
    assert counts[0] == counts[1] == 2


_TEXTS = st.sampled_from(["", "甲", "乙"])
_DAYS = st.sampled_from([date(1998, 12, 1), date(1998, 12, 5), date(1999, 12, 5)])
_SIDE = st.tuples(
    st.sampled_from(["王一", "王二"]),
    st.sampled_from([b"1" * 32, b"2" * 32]),
    _TEXTS,
    _TEXTS,
    _DAYS,
    st.booleans(),
    _TEXTS,
    st.none() | _DAYS,
)


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(first=_SIDE, second=_SIDE)
def test_n7_the_database_and_the_rule_find_the_same_differences(
    first: tuple[Any, ...], second: tuple[Any, ...]
) -> None:
    def record(side: tuple[Any, ...]) -> Record:
        name, person, specialty, qualification, day, month_only, document, issued = side
        return Record(
            Source.LEGACY, "A-1", name, person, "", specialty, qualification, day, document,
            month_only=month_only, document_date=issued,
        )  # fmt: skip

    one, other = record(first), record(second)
    kinds = "%s::text, %s::bytea, %s::text, %s::text, %s::date, %s::boolean, %s::text, %s::date"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT source_differences({kinds}, {kinds})", [*first, *second])
        found = tuple(cursor.fetchone()[0])
    assert found == differences(one, other)
    assert [item.fields for item in conflicts([one, other])] == ([found] if found else [])


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (
            "UPDATE verification_sourcedecision SET outcome = 'other'",
            "source_decision_stays",
        ),
        ("DELETE FROM verification_sourcedecision", "source_decision_stays"),
        (
            (
                "INSERT INTO verification_sourcedecision (conflict_id, outcome, reason, correct,"
                " decided_at, decided_by_id, revoked_reason) SELECT conflict_id, 'other', 'x', '',"
                " now(), decided_by_id, '' FROM verification_sourcedecision"
            ),
            "conflict_is_decided_once",
        ),
        (
            "UPDATE verification_sourceconflict SET other_legacy_id = NULL",
            "conflict_is_between_two_records",
        ),
    ],
)
def test_around_the_code(city: City, loaded: Imported, statement: str, constraint: str) -> None:
    loaded([line("A-1"), line("A-1", 从事专业="桥梁工程")])
    decide(
        actor=city.who("office", "officer"),
        conflict_id=SourceConflict.objects.get().pk,
        outcome=Outcome.FIRST_RIGHT,
        reason="原件",
    )
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        connection.cursor().execute(statement)
    assert broken.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]
