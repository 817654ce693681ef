"""Certificate numbers given on request: no gap, no clash, nothing used before (N6, 预编号)."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.numbering.conftest import set_rule
from tests.support.deadlines import was_set_for
from tests.support.filing import Filing
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.recording import recorded
from zhicheng.organizations.permissions import Action
from zhicheng.protection import blind_index, protect
from zhicheng.registers import actions as registers
from zhicheng.registers.models import GivenNumber, NumberCounter, NumberingRule, Register
from zhicheng.registers.numbering.actions import assign_numbers, withdraw_rule
from zhicheng.registers.numbering.plan import plan_of
from zhicheng.registers.numbering.rules import Place
from zhicheng.registers.numbering.taking import assign, gaps
from zhicheng.values.id_number import mask
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.verification.models import LegacyRecord


def unnumbered(filing: Filing, count: int, **listed: object) -> Register:
    """A draft of newly listed people without certificate numbers."""
    return filing.upload([line.but(证书编号="") for line in filing.lines(count, **listed)])


def numbers(register: Register) -> list[str]:
    return list(register.rows.order_by("position").values_list("certificate_number", flat=True))


def clerk(filing: Filing) -> object:
    return filing.city.who("hospital", "clerk")


def test_n6_empty_numbers_are_filled_in_row_order_and_the_findings_go(filing: Filing) -> None:
    set_rule(filing.city)
    lines = [line.but(证书编号="") for line in filing.lines(4)]
    lines[1] = lines[1].but(证书编号="W2026Z00900")
    register = filing.upload(lines)
    assert register.error_count == 3
    plan = plan_of(register)
    assert plan.numbers == ["W2026Z00001", "W2026Z00002", "W2026Z00003"] and plan.numbered == 1
    assert NumberCounter.objects.count() == 0  # a look changes nothing
    done = assign_numbers(actor=clerk(filing), register_id=register.pk)
    assert done.numbers == plan.numbers
    assert numbers(register) == ["W2026Z00001", "W2026Z00900", "W2026Z00002", "W2026Z00003"]
    register.refresh_from_db()
    assert (register.error_count, register.version) == (0, 2)
    event = AuditEvent.objects.latest("sequence")
    assert event.tag == Action.NUMBERS_ASSIGN
    assert event.data["grades"] == ["中级 3：W2026Z00001 – W2026Z00003"]
    assert event.row_ids == [row.pk for row in done.rows]
    assert gaps() == []


def test_rows_whose_grade_is_not_certain_wait(filing: Filing) -> None:
    set_rule(filing.city)
    good, bad = [line.but(证书编号="") for line in filing.lines(2)]
    register = filing.upload([bad.but(批准文号="渝无此〔2026〕9号"), good])
    plan = plan_of(register)
    assert (len(plan.rows), plan.uncertain) == (1, 1)
    assign_numbers(actor=clerk(filing), register_id=register.pk)
    assert numbers(register) == ["", "W2026Z00001"]
    with pytest.raises(Refusal) as refused:
        assign_numbers(actor=clerk(filing), register_id=register.pk)
    assert refused.value.rule == "numbering.nothing_to_number"
    assert "等级未定 1 行" in refused.value.found


def test_without_a_rule_nothing_is_numbered_and_nothing_is_malformed(filing: Filing) -> None:
    register = unnumbered(filing, 1)
    with pytest.raises(Refusal) as refused:
        assign_numbers(actor=clerk(filing), register_id=register.pk)
    assert refused.value.rule == "numbering.no_rule"
    row = register.rows.get()
    registers.correct_row(
        actor=clerk(filing),
        row_id=row.pk,
        changes={"certificate_number": "任意-1"},
        version=row.version,
    )
    assert not register.findings.exclude(severity="tidied").exists()


def test_a_draft_gives_back_what_it_loses_and_no_gap_stays(filing: Filing) -> None:
    set_rule(filing.city)
    first = unnumbered(filing, 3)
    assign_numbers(actor=clerk(filing), register_id=first.pk)
    row = first.rows.get(position=2)
    registers.remove_row(actor=clerk(filing), row_id=row.pk, version=row.version)
    second = unnumbered(filing, 2)
    assign_numbers(actor=clerk(filing), register_id=second.pk)
    assert numbers(first) == ["W2026Z00001", "W2026Z00003"]
    assert numbers(second) == ["W2026Z00002", "W2026Z00004"]
    assert GivenNumber.objects.get(number="W2026Z00002").register_id == second.pk
    assert gaps() == []


def test_numbers_that_a_file_took_back_wait_for_the_choice(filing: Filing) -> None:
    set_rule(filing.city)
    content = filing.file([line.but(证书编号="") for line in filing.lines(2)])
    first = registers.upload_register(actor=clerk(filing), content=content, name="甲.xlsx")
    assign_numbers(actor=clerk(filing), register_id=first.pk)
    registers.replace_file(
        actor=clerk(filing), register_id=first.pk, content=content, name="甲.xlsx"
    )
    assert numbers(first) == ["", ""]
    second = unnumbered(filing, 2)
    assign_numbers(actor=clerk(filing), register_id=second.pk)
    assert numbers(second) == ["W2026Z00003", "W2026Z00004"]


def test_what_was_submitted_once_is_never_given_again(filing: Filing) -> None:
    set_rule(filing.city)
    register = unnumbered(filing, 3)
    assign_numbers(actor=clerk(filing), register_id=register.pk)
    registers.submit(actor=clerk(filing), register_id=register.pk)
    registers.withdraw(actor=clerk(filing), register_id=register.pk)
    row = register.rows.get(position=2)
    registers.remove_row(actor=clerk(filing), row_id=row.pk, version=row.version)
    second = unnumbered(filing, 1)
    assign_numbers(actor=clerk(filing), register_id=second.pk)
    assert numbers(second) == ["W2026Z00004"]
    # Nor may somebody take it by hand.
    row = second.rows.get()
    registers.correct_row(
        actor=clerk(filing),
        row_id=row.pk,
        changes={"certificate_number": "W2026Z00002"},
        version=row.version,
    )
    finding = second.findings.get(code="certificate_number.taken")
    assert register.number in finding.message


def test_an_assignment_that_fails_takes_its_numbers_back(filing: Filing) -> None:
    set_rule(filing.city)
    register = unnumbered(filing, 2)
    with transaction.atomic():
        assign_numbers(actor=clerk(filing), register_id=register.pk)
        transaction.set_rollback(True)
    assert GivenNumber.objects.count() == 0 == NumberCounter.objects.count()
    assign_numbers(actor=clerk(filing), register_id=register.pk)
    assert numbers(register) == ["W2026Z00001", "W2026Z00002"]


def test_numbers_in_use_anywhere_are_passed_over(filing: Filing) -> None:
    """On another draft, on an accepted register, in an old ledger; and no gap is left by it."""
    set_rule(filing.city)
    draft, accepted, free = filing.lines(3)
    typed = filing.upload([draft.but(证书编号="W2026Z00001")])
    filing.accepted([accepted.but(证书编号="W2026Z00002")])
    LegacyRecord.objects.create(
        certificate_number="W2026Z00004",
        name="旧人",
        id_number_cipher=protect("x"),
        id_number_index=blind_index("x"),
        id_number_masked=mask("x"),
        specialty="内科",
        qualification="主治医师",
        approval_date=date(2010, 1, 1),
        document_number="旧",
        origin="旧台账",
    )
    register = filing.upload([free.but(证书编号="")])
    more = unnumbered(filing, 2)
    assert plan_of(register).skipped == ["W2026Z00001", "W2026Z00002"]
    assign_numbers(actor=clerk(filing), register_id=register.pk)
    assign_numbers(actor=clerk(filing), register_id=more.pk)
    assert numbers(register) == ["W2026Z00003"]
    assert numbers(more) == ["W2026Z00005", "W2026Z00006"]
    assert gaps() == []
    # The number that only a draft had comes back when the draft gives it up.
    row = typed.rows.get()
    registers.correct_row(
        actor=clerk(filing),
        row_id=row.pk,
        changes={"certificate_number": ""},
        version=row.version,
    )
    assert plan_of(typed).numbers == ["W2026Z00001"]
    assign_numbers(actor=clerk(filing), register_id=typed.pk)
    assert numbers(typed) == ["W2026Z00001"]


def test_numbers_of_old_ledgers_are_taken_for_hand_typed_ones_too(filing: Filing) -> None:
    LegacyRecord.objects.create(
        certificate_number="渝2010-7",
        name="旧人",
        id_number_cipher=protect("x"),
        id_number_index=blind_index("x"),
        id_number_masked=mask("x"),
        specialty="内科",
        qualification="主治医师",
        approval_date=date(2010, 1, 1),
        document_number="旧",
        origin="旧台账",
    )
    (line,) = filing.lines(1)
    register = filing.upload([line.but(证书编号="渝2010-7")])
    finding = register.findings.get(code="certificate_number.taken")
    assert "历史证书（旧台账）" in finding.message


def test_the_units_own_numbers_are_held_against_the_rule(filing: Filing) -> None:
    rule = set_rule(
        filing.city, pattern="W{年}{等级}{流水5}{校验}", check_algorithm="mod_11_2"
    ).spec
    lines = filing.lines(6)
    good = rule.format(1, Place("intermediate", 2026))
    wrong_check = good[:-1] + ("0" if good[-1] != "0" else "1")
    told = {
        good[:-1]: "编号不完整，后面还应有1位校验码",
        good.replace("00001", "0000X"): "第7–11位“0000X”应为5位流水号",
        wrong_check: f"（按前面各位应为“{good[-1]}”）",
        rule.format(1, Place("intermediate", 2025)): "年份“2025”与批准时间的年度不一致",
        rule.format(1, Place("senior", 2026)): "等级代码“G”是高级，本行资格为中级，应为“Z”",
    }
    register = filing.upload(
        [line.but(证书编号=number) for line, number in zip(lines, [*told, good], strict=True)]
    )
    found = list(
        register.findings.filter(code="certificate_number.malformed").values_list(
            "row__position", "message"
        )
    )
    assert [position for position, _message in found] == [1, 2, 3, 4, 5]
    for (_position, message), words in zip(found, told.values(), strict=True):
        assert message.startswith("证书编号不符合编号规则：") and words in message


def test_each_grade_year_and_scope_counts_on_its_own(filing: Filing) -> None:
    set_rule(filing.city, per_grade=True)
    lines = filing.lines(2) + filing.lines(2, level="副高级", qualification="副主任医师")
    register = filing.upload([line.but(证书编号="") for line in lines])
    plan = assign_numbers(actor=clerk(filing), register_id=register.pk)
    assert numbers(register) == ["W2026Z00001", "W2026Z00002", "W2026G00001", "W2026G00002"]
    assert [(share.grade, share.count, share.first, share.last) for share in plan.grades] == [
        ("senior", 2, "W2026G00001", "W2026G00002"),
        ("intermediate", 2, "W2026Z00001", "W2026Z00002"),
    ]
    assert set(NumberCounter.objects.values_list("scope", "last")) == {
        ("2026|senior|", 2),
        ("2026|intermediate|", 2),
    }


def test_the_statements_of_an_assignment_do_not_grow_with_the_register(filing: Filing) -> None:
    set_rule(filing.city, per_grade=True)
    counts = []
    for people in (3, 60):
        register = unnumbered(filing, people)
        # The counter finds numbers in use on its way; that costs no statement each either.
        filing.upload(
            [
                line.but(证书编号=f"W2026Z{100 * len(counts) + place:05d}")
                for place, line in enumerate(filing.lines(people), start=5)
            ]
        )
        with CaptureQueriesContext(connection) as queries:
            assign_numbers(actor=clerk(filing), register_id=register.pk)
        counts.append(len(queries))
    # Where many numbers are in use the counter looks further, twice as far each time.
    assert counts[1] <= counts[0] + 6, counts
    assert gaps() == []


def test_used_up_numbers_are_refused_before_anything_is_given(filing: Filing) -> None:
    set_rule(filing.city, pattern="W{年}{流水1}")
    register = unnumbered(filing, 12)
    with pytest.raises(Refusal) as refused:
        assign_numbers(actor=clerk(filing), register_id=register.pk)
    assert refused.value.rule == "numbering.exhausted"
    assert set(numbers(register)) == {""} and GivenNumber.objects.count() == 0


def test_reissues_take_numbers_from_the_same_counter(filing: Filing) -> None:
    set_rule(filing.city)
    register = unnumbered(filing, 1)
    officer = filing.city.who("health", "officer")
    with recorded(officer, Action.CERTIFICATE_FILL) as record:
        given = assign(
            actor=officer, unit=filing.city.health, grade="intermediate", year=2026, count=2
        )
        record(data={"numbers": given})
    assert given == ["W2026Z00001", "W2026Z00002"]
    assign_numbers(actor=clerk(filing), register_id=register.pk)
    assert numbers(register) == ["W2026Z00003"]
    row = register.rows.get()
    registers.correct_row(
        actor=clerk(filing),
        row_id=row.pk,
        changes={"certificate_number": given[0]},
        version=row.version,
    )
    assert register.findings.filter(code="certificate_number.taken").exists()


@pytest.mark.parametrize(
    "who",
    [("hospital", "officer"), ("health", "clerk"), ("office", "officer"), ("office", "auditor")],
)
def test_only_the_reporting_units_clerk_numbers(filing: Filing, who: tuple[str, str]) -> None:
    set_rule(filing.city)
    register = unnumbered(filing, 1)
    with pytest.raises(NotPermitted):
        assign_numbers(actor=filing.city.who(*who), register_id=register.pk)
    assert numbers(register) == [""]


def test_a_submitted_register_is_not_numbered(filing: Filing) -> None:
    set_rule(filing.city)
    register = filing.filed([line.but(证书编号="W2026Z00009") for line in filing.lines(1)])
    with pytest.raises(Refusal):
        assign_numbers(actor=clerk(filing), register_id=register.pk)


# Rules: who sets them, what they may not be, and that they stay.


@pytest.mark.parametrize(("unit", "who"), [("health", "health"), ("health", "office")])
def test_the_units_officer_and_the_office_set_rules(filing: Filing, unit: str, who: str) -> None:
    from zhicheng.registers.numbering.actions import set_rule as setting

    made = setting(
        actor=filing.city.who(who, "officer"),
        unit=filing.city.health,
        valid_from=timezone.localdate(),
        pattern="W{年}{流水6}",
    )
    event = AuditEvent.objects.latest("sequence")
    assert (event.tag, event.subject_id) == (Action.NUMBERING_RULE_SET, made.pk)
    assert event.data["pattern"] == "W{年}{流水6}"


@pytest.mark.parametrize(
    "who",
    [("health", "clerk"), ("industry", "officer"), ("hospital", "officer"), ("office", "clerk")],
)
def test_nobody_else_sets_or_withdraws_a_rule(filing: Filing, who: tuple[str, str]) -> None:
    from zhicheng.registers.numbering.actions import set_rule as setting

    rule = set_rule(filing.city)
    account = filing.city.who(*who)
    with pytest.raises(NotPermitted):
        setting(
            actor=account,
            unit=filing.city.health,
            valid_from=timezone.localdate(),
            pattern="W{年}{流水6}",
        )
    with pytest.raises(NotPermitted):
        withdraw_rule(actor=account, rule_id=rule.pk)
    assert NumberingRule.objects.filter(withdrawn_at=None).count() == 1


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"pattern": "W{年}"}, "numbering.rule_unusable"),
        (
            {
                "pattern": "{等级}{流水3}",
                "senior_code": "11",
                "junior_code": "1",
                "leading_zeros": False,
                "per_year": False,
            },
            "numbering.rule_unusable",
        ),
        ({}, "numbering.day_taken"),
        ({"valid_from": date(2026, 1, 1)}, "numbering.past"),
    ],
)
def test_rules_that_cannot_work_are_refused(
    filing: Filing, fields: dict[str, object], rule: str
) -> None:
    set_rule(filing.city)
    with pytest.raises(Refusal) as refused:
        set_rule(filing.city, **fields)
    assert refused.value.rule == rule
    assert NumberingRule.objects.count() == 1


def test_two_units_never_have_rules_that_make_the_same_number(filing: Filing) -> None:
    set_rule(filing.city, pattern="{年}{流水6}")
    with pytest.raises(Refusal) as refused:
        set_rule(filing.city, filing.city.industry, pattern="{年}{单位}{流水5}", unit_code="1")
    assert refused.value.rule == "numbering.rule_clashes"
    assert filing.city.health.name in refused.value.message and "例如" in refused.value.found
    set_rule(filing.city, filing.city.industry, pattern="{年}{单位}{流水5}", unit_code="J")


def test_only_issuing_units_have_rules(filing: Filing) -> None:
    with pytest.raises(Refusal) as refused:
        set_rule(filing.city, filing.city.hospital, pattern="H{年}{流水6}")
    assert refused.value.rule == "numbering.unit_does_not_issue"


def test_a_rule_in_use_is_succeeded_and_never_changed(filing: Filing) -> None:
    old = set_rule(filing.city)
    register = unnumbered(filing, 1)
    assign_numbers(actor=clerk(filing), register_id=register.pk)
    with pytest.raises(Refusal) as refused:
        withdraw_rule(actor=filing.city.who("health", "officer"), rule_id=old.pk)
    assert refused.value.rule == "numbering.rule_in_use"
    today = timezone.localdate()
    was_set_for(old, date(2026, 1, 1))
    with pytest.raises(Refusal) as refused:  # nor may a new one reach back
        set_rule(filing.city, valid_from=today - timedelta(days=1), pattern="V{年}{流水6}")
    assert refused.value.rule == "numbering.past"
    set_rule(filing.city, valid_from=today, pattern="V{年}{流水6}")
    more = unnumbered(filing, 1)
    assign_numbers(actor=clerk(filing), register_id=more.pk)
    assert numbers(more) == ["V2026000001"]
    # What the old rule gave stays right.
    registers.submit(actor=clerk(filing), register_id=register.pk)
    register.refresh_from_db()
    assert register.error_count == 0


def test_a_rule_that_gave_nothing_is_withdrawn_and_stays_in_the_history(filing: Filing) -> None:
    rule = set_rule(filing.city, valid_from=timezone.localdate() + timedelta(days=9))
    withdraw_rule(actor=filing.city.who("health", "officer"), rule_id=rule.pk)
    assert NumberingRule.objects.get().withdrawn_at is not None
    with pytest.raises(Refusal):
        withdraw_rule(actor=filing.city.who("health", "officer"), rule_id=rule.pk)
    set_rule(filing.city, valid_from=rule.valid_from)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE registers_numberingrule SET pattern = 'X{流水9}'", "numbering_rule_never_changes"),
        ("DELETE FROM registers_numberingrule", "numbering_rule_never_changes"),
        ("UPDATE registers_numberingrule SET withdrawn_at = now()", "numbering_rule_in_use_stays"),
        ("UPDATE registers_numbercounter SET last = last - 1", "number_counter_never_goes_back"),
        ("DELETE FROM registers_numbercounter", "number_counter_never_goes_back"),
        (
            (
                "INSERT INTO registers_numberingrule SELECT (jsonb_populate_record(r, jsonb_build_"
                "object('id', r.id + 1, 'valid_from', r.valid_from - 1))).* FROM"
                " registers_numberingrule r"
            ),
            "numbering_rule_begins_today_or_later",
        ),
        ("DELETE FROM registers_givennumber", "given_number_stays"),
        ("UPDATE registers_givennumber SET number = 'X'", "given_number_stays"),
        (
            (
                "INSERT INTO registers_givennumber (number, rule_id, scope, sequence, purpose,"
                " skipped, settled, given_at) SELECT number, rule_id, 'other', sequence, purpose,"
                " false, false, now() FROM registers_givennumber LIMIT 1"
            ),
            "certificate_number_given_once",
        ),
        (
            (
                "INSERT INTO registers_givennumber (number, rule_id, scope, sequence, purpose,"
                " skipped, settled, given_at) SELECT 'another', rule_id, scope, sequence, purpose,"
                " false, false, now() FROM registers_givennumber LIMIT 1"
            ),
            "sequence_passed_once",
        ),
        (
            (
                "INSERT INTO registers_numbercounter (rule_id, scope, last)"
                " SELECT rule_id, scope, 0 FROM registers_numbercounter"
            ),
            "one_counter_per_rule_and_scope",
        ),
    ],
)
def test_the_database_holds_it_around_the_code(
    filing: Filing, statement: str, constraint: str
) -> None:
    set_rule(filing.city)
    register = unnumbered(filing, 2)
    assign_numbers(actor=clerk(filing), register_id=register.pk)
    with (
        pytest.raises(DatabaseError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert refused.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]
