"""Invariant 9: roles and actions are one table, and the guard obeys it to the letter."""

import itertools
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.support.city import City, accepted_register, announce, carry, deliver
from tests.support.reissues import Way, about, issued, paper
from zhicheng.anomalies import actions as anomalies
from zhicheng.anomalies.rules import Thresholds
from zhicheng.api.actions import create_key, revoke_key, rotate_key
from zhicheng.api.webhooks import end_subscription, subscribe
from zhicheng.approvals.records import record_review
from zhicheng.audit.models import AuditEvent
from zhicheng.blanks import actions as stock
from zhicheng.blanks import alarms, investigations, stocktaking
from zhicheng.certificates import actions as path
from zhicheng.certificates.printjobs.ending import cancel, confirm
from zhicheng.certificates.printjobs.policy import set_print_policy, state_filled_otherwise
from zhicheng.certificates.printjobs.preparing import prepare, prepare_again
from zhicheng.certificates.printjobs.starting import start
from zhicheng.certificates.printjobs.tray import hand_out, load, recut
from zhicheng.certificates.spoilage import spoil
from zhicheng.credentials import actions as keys
from zhicheng.electronic.making import make_electronic
from zhicheng.layouts import actions as layouts
from zhicheng.layouts import printers
from zhicheng.notifications.deadlines import move_days
from zhicheng.notifications.deadlines import set_deadline as set_task_deadline
from zhicheng.notifications.messengers import connect
from zhicheng.organizations import actions as admin
from zhicheng.organizations.guard import CONSOLE, may, might, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import (
    ACTION_LABELS,
    PERMISSIONS,
    Action,
    Relation,
    Role,
    permits,
)
from zhicheng.photos import actions as photos
from zhicheng.registers.making import make_register
from zhicheng.registers.numbering.actions import assign_numbers, set_rule, withdraw_rule
from zhicheng.reissues import actions as applying
from zhicheng.reissues import actions_blank, actions_old, actions_opinions, deadlines
from zhicheng.selfissued.actions import file_report
from zhicheng.values.refusal import NotPermitted
from zhicheng.values.serials import SerialRange
from zhicheng.verification import enumeration, forgetting
from zhicheng.verification.actions import import_legacy
from zhicheng.verification.batch.answering import verify_batch
from zhicheng.verification.batch.rules import AskedRow
from zhicheng.verification.models import BatchWay

GRADE = "intermediate"


class Thing:
    """An object to which one organisation stands in the given relations."""

    def __init__(self, organization_id: int, relations: set[Relation]) -> None:
        self.organization_id, self.relations = organization_id, relations

    def parties(self) -> dict[Relation, set[int]]:
        return {relation: {self.organization_id} for relation in self.relations}


def test_every_action_has_a_label_and_at_least_one_who_may() -> None:
    assert set(PERMISSIONS) == set(Action) == set(ACTION_LABELS)
    assert all(PERMISSIONS.values())


@pytest.mark.parametrize("action", list(Action))
def test_the_guard_lets_through_what_the_table_grants_and_nothing_else(
    city: City, action: Action
) -> None:
    for role, relation in itertools.product(Role, Relation):
        if relation is Relation.ANY:
            continue
        account = city.who("office" if relation is Relation.MUNICIPAL else "health", "clerk")
        account.role = role.value
        thing = Thing(account.organization_id, {relation})
        granted = {(role, relation), (role, Relation.ANY)} & PERMISSIONS[action]
        assert may(account, action, thing) == bool(granted), (role, relation)
        account.is_active = False
        assert not may(account, action, thing)
        account.is_active = True


def test_administrators_have_no_business_authority() -> None:
    business = [action for action in Action if not action.value.startswith("admin:")]
    allowed = {
        action for action in business if permits(action, Role.ADMINISTRATOR, frozenset(Relation))
    }
    # How somebody is told of things, and where messages go, is no business of certificates.
    telling = {action for action in business if action.value.split(":")[1] == "messenger"}
    telling |= {Action.NOTIFICATION_SET, Action.NOTIFICATION_ADDRESS}
    # Nor is how one logs in oneself.
    own_login = {
        Action.PASSWORD_CHANGE,
        Action.SECOND_FACTOR_SET_UP,
        Action.SECOND_FACTOR_RENEW_CODES,
        Action.SECOND_FACTOR_TURN_OFF,
        Action.SESSION_END,
    }
    assert allowed == {Action.ORGANIZATION_VIEW, Action.LIST_EXPORT} | telling | own_login


def test_auditors_read_everything_and_change_nothing() -> None:
    allowed = {action for action in Action if permits(action, Role.AUDITOR, frozenset(Relation))}
    changing = {"create", "change", "import", "record", "fill", "seal", "emboss", "issue", "allot"}
    assert not {action for action in allowed if action.value.split(":")[2] in changing}
    for view in (action for action in Action if action.value.endswith(":view")):
        assert view in allowed, view


def test_strangers_may_nothing_and_the_console_everything() -> None:
    from django.contrib.auth.models import AnonymousUser

    for action in Action:
        assert not may(AnonymousUser(), action)
        assert not might(AnonymousUser(), action)
        assert may(CONSOLE, action)


def test_a_refusal_names_the_action_and_who_could(city: City) -> None:
    with pytest.raises(NotPermitted) as refused:
        require(city.who("hospital", "clerk"), Action.REGISTER_ACCEPT)
    assert "受理登记表" in refused.value.message
    assert "负责人" in refused.value.expected


def test_no_action_works_for_an_account_without_the_right(city: City) -> None:
    register = accepted_register(city, 4)
    deliver(city, 20)
    carry(city, register, "embossed")
    other = accepted_register(city, 4)
    stranger = city.who("industry", "officer")
    steps = _of_reissues(city, stranger)
    serials = SerialRange(1, 2)
    rule = set_rule(
        actor=city.who("office", "officer"),
        unit=city.health,
        valid_from=timezone.localdate(),
        pattern="V{年}{流水6}",
    )
    (case,) = investigations.report_loss(
        actor=city.who("office", "clerk"), serials=[SerialRange(12020, 12020)], note="不见了"
    )
    counting = stocktaking.start_stocktake(actor=city.who("office", "clerk"))
    key = create_key(
        actor=city.who("health", "officer"),
        organization=city.health,
        name="甲",
        scopes=["reference:read"],
        expires_at=timezone.now() + timedelta(days=9),
    ).key
    hearing = subscribe(
        actor=city.who("health", "officer"),
        organization=city.health,
        url="https://example.org/",
        events=["certificate.issued"],
    ).subscription
    third = accepted_register(city, 2)
    deliver(city, 4)
    carry(city, third, "filled")
    (printing,) = start(actor=city.who("health", "clerk"), register_id=third.pk, grade=GRADE)
    job = {"actor": city.who("industry", "clerk"), "job_id": printing.pk}
    layout = layouts.start_draft(actor=city.who("office", "officer2"), grade="senior", year=2025)
    printer = printers.add_printer(
        actor=city.who("health", "clerk"), organization=city.health, name="打印机"
    )
    calls = {
        "task deadline": lambda: set_task_deadline(
            actor=stranger, kind="register.accept", valid_from=date(2026, 1, 1), days=5
        ),
        "moved days": lambda: move_days(
            actor=stranger, first=date(2026, 10, 1), last=date(2026, 10, 7), works=False
        ),
        "connect robot": lambda: connect(
            actor=stranger,
            organization=city.health,
            name="群",
            style="wecom",
            url="https://example.org/robot",
            groups=["register"],
        ),
        "unlock": lambda: admin.unlock_account(actor=stranger, account_id=stranger.pk),
        "print run": lambda: stock.record_print_run(
            actor=stranger, grade="senior", serials=serials, received_on=other.created_at.date()
        ),
        "policy": lambda: stock.set_spare_policy(
            actor=stranger, valid_from=other.created_at.date(), rate=Decimal(0)
        ),
        "order": lambda: stock.place_order(
            actor=stranger,
            grade="senior",
            serials=serials,
            quantity=2,
            ordered_on=other.created_at.date(),
        ),
        "cancel order": lambda: stock.cancel_order(actor=stranger, order_id=1),
        "count in": lambda: stock.count_in(
            actor=stranger, order_id=1, good=[serials], delivered_on=other.created_at.date()
        ),
        "write off": lambda: stock.write_off_missing(actor=stranger, case_id=1, conclusion="x"),
        "disposal": lambda: stock.set_spare_disposal(
            actor=stranger,
            valid_from=other.created_at.date(),
            allowed=["return"],
            proposed="return",
        ),
        "return left over": lambda: stock.return_left_over(
            actor=stranger, register_id=register.pk, grade="intermediate", serials=[serials]
        ),
        "carry over": lambda: stock.carry_over(
            actor=stranger, register_id=register.pk, grade="intermediate", serials=[serials]
        ),
        "transfer": lambda: stock.transfer(
            actor=stranger,
            register_id=register.pk,
            grade="intermediate",
            serials=[serials],
            to_register_id=other.pk,
        ),
        "request": lambda: stock.request_exchange(
            actor=stranger, register_id=register.pk, grade="intermediate"
        ),
        "correct": lambda: stock.correct(actor=stranger, movement_id=1, reason="x"),
        "allot": lambda: stock.allot_register(actor=stranger, register_id=other.pk),
        "hand over": lambda: stock.hand_over(
            actor=stranger, register_id=other.pk, collected_by="x"
        ),
        "receive": lambda: stock.receive(actor=stranger, register_id=register.pk),
        "exchange": lambda: stock.exchange_spoiled(
            actor=stranger, register_id=register.pk, grade="intermediate", returned=[serials]
        ),
        "return": lambda: stock.return_spoiled(
            actor=stranger, register_id=register.pk, grade="intermediate", returned=[serials]
        ),
        "propose": lambda: stock.propose_destruction(
            actor=stranger, grade="intermediate", serials=[serials]
        ),
        "confirm": lambda: stock.confirm_destruction(actor=stranger, destruction_id=1),
        "anomalies": lambda: anomalies.look(actor=stranger),
        "set aside": lambda: anomalies.set_aside(actor=stranger, anomaly_ids=[1], reason="x"),
        "inquiry": lambda: anomalies.open_inquiry(actor=stranger, anomaly_ids=[1], subject="x"),
        "joined": lambda: anomalies.join_inquiry(actor=stranger, inquiry_id=1, anomaly_ids=[1]),
        "inquired": lambda: anomalies.add_inquiry_entry(actor=stranger, inquiry_id=1, text="x"),
        "inquiry's end": lambda: anomalies.close_inquiry(
            actor=stranger, inquiry_id=1, outcome="unfounded", conclusion="x"
        ),
        "detection": lambda: anomalies.set_detection_policy(
            actor=stranger, valid_from=date(2030, 1, 1), thresholds=Thresholds()
        ),
        "api key": lambda: create_key(
            actor=city.who("industry", "clerk"),
            organization=city.industry,
            name="甲",
            scopes=["reference:read"],
            expires_at=timezone.now() + timedelta(days=9),
        ),
        "key of another": lambda: create_key(
            actor=stranger,
            organization=city.health,
            name="甲",
            scopes=["reference:read"],
            expires_at=timezone.now() + timedelta(days=9),
        ),
        "rotate another's": lambda: rotate_key(actor=stranger, key_id=key.pk),
        "revoke another's": lambda: revoke_key(actor=stranger, key_id=key.pk),
        "subscribe another": lambda: subscribe(
            actor=stranger,
            organization=city.health,
            url="https://example.org/",
            events=["certificate.issued"],
        ),
        "end another's": lambda: end_subscription(actor=stranger, subscription_id=hearing.pk),
        "fill": lambda: path.fill_in(actor=city.who("industry", "clerk"), register_id=other.pk),
        "spoil": lambda: spoil(
            actor=city.who("industry", "clerk"),
            register_id=register.pk,
            serials=[1],
            reason="other",
        ),
        "seal": lambda: path.seal(actor=stranger, register_id=register.pk),
        "emboss": lambda: path.emboss(actor=stranger, register_id=register.pk),
        "print": lambda: start(
            actor=city.who("industry", "clerk"), register_id=third.pk, grade=GRADE
        ),
        "print file": lambda: prepare_again(**job),
        "print made": lambda: prepare(**job),
        "tray": lambda: load(**job, serial=1),
        "print out": lambda: hand_out(**job, number=1),
        "print order": lambda: recut(**job, serial=1),
        "print result": lambda: confirm(**job),
        "print cancelled": lambda: cancel(**job),
        "print policy": lambda: set_print_policy(
            actor=stranger, valid_from=other.created_at.date(), required=True
        ),
        "filled otherwise": lambda: state_filled_otherwise(
            actor=city.who("industry", "clerk"), register_id=third.pk, reason="x"
        ),
        "issue": lambda: path.issue(actor=stranger, register_id=register.pk),
        "organisation": lambda: admin.create_organization(actor=stranger, name="x"),
        "change": lambda: admin.change_organization(
            actor=stranger, organization_id=city.health.pk, name="x"
        ),
        "account": lambda: admin.create_account(
            actor=stranger,
            username="x",
            password="a-long-password-7",
            display_name="x",
            organization=city.health,
            role="clerk",
        ),
        "account change": lambda: admin.change_account(
            actor=stranger, account_id=city.who("health", "clerk").pk, role="officer"
        ),
        "password": lambda: admin.reset_password(
            actor=stranger, account_id=city.who("health", "clerk").pk, password="z"
        ),
        "key": lambda: keys.generate(actor=stranger),
        "key rotation": lambda: keys.rotate(actor=stranger),
        "key's end": lambda: keys.retire(actor=stranger, key_id="00000000"),
        "key revoked": lambda: keys.revoke(
            actor=stranger, key_id="00000000", from_day=other.created_at.date(), reason="x"
        ),
        "numbering rule": lambda: set_rule(
            actor=stranger,
            unit=city.health,
            valid_from=other.created_at.date(),
            pattern="W{年}{流水6}",
        ),
        "withdraw rule": lambda: withdraw_rule(actor=stranger, rule_id=rule.pk),
        "numbers": lambda: assign_numbers(
            actor=city.who("industry", "clerk"), register_id=other.pk
        ),
        "make": lambda: make_register(
            actor=city.who("industry", "clerk"), unit=city.hospital, person_ids=[1], year=2026
        ),
        "loss": lambda: investigations.report_loss(
            actor=city.who("industry", "embosser"), serials=[serials], note="x"
        ),
        "case entry": lambda: investigations.add_entry(actor=stranger, case_id=case.pk, text="x"),
        "case": lambda: investigations.settle_case(
            actor=stranger, case_id=case.pk, outcome="found", conclusion="x"
        ),
        "replacement": lambda: investigations.replace_written_off(actor=stranger, case_id=case.pk),
        "alarm": lambda: alarms.acknowledge(actor=stranger, sighting_ids=[1], text="x"),
        "enumeration": lambda: enumeration.acknowledge(actor=stranger, alarm_id=1, note="x"),
        "enumeration noticed": lambda: enumeration.raise_alarms(actor=stranger),
        "lookups forgotten": lambda: forgetting.forget_lookups(actor=stranger),
        "count": lambda: stocktaking.start_stocktake(actor=city.who("industry", "embosser")),
        "counting": lambda: stocktaking.count_serials(
            actor=stranger, stocktake_id=counting.pk, serials=[serials]
        ),
        "finish": lambda: stocktaking.finish_stocktake(actor=stranger, stocktake_id=counting.pk),
        "resume": lambda: stocktaking.resume_stocktake(actor=stranger, stocktake_id=counting.pk),
        "abandon": lambda: stocktaking.abandon_stocktake(
            actor=stranger, stocktake_id=counting.pk, note="x"
        ),
        "confirm count": lambda: stocktaking.confirm_stocktake(
            actor=stranger, stocktake_id=counting.pk
        ),
        "period": lambda: stocktaking.set_stocktake_policy(
            actor=stranger, valid_from=other.created_at.date(), months=1
        ),
        "layout": lambda: layouts.start_draft(actor=stranger, grade="senior", year=2026),
        "layout saved": lambda: layouts.save_draft(
            actor=stranger, version_id=layout.pk, revision=1
        ),
        "layout's picture": lambda: layouts.set_background(
            actor=stranger, version_id=layout.pk, revision=1, picture=None
        ),
        "layout in use": lambda: layouts.put_in_use(
            actor=city.who("office", "clerk"), version_id=layout.pk, revision=1
        ),
        "layout given up": lambda: layouts.discard_draft(
            actor=stranger, version_id=layout.pk, revision=1
        ),
        "printer": lambda: printers.add_printer(actor=stranger, organization=city.health, name="x"),
        "printer renamed": lambda: printers.rename_printer(
            actor=stranger, printer_id=printer.pk, name="x", tray_note=""
        ),
        "printer measured": lambda: printers.calibrate_printer(
            actor=stranger,
            printer_id=printer.pk,
            found={"A": (30, 30), "C": (230, 155)},
            width=260,
            height=185,
        ),
        "printer retired": lambda: printers.retire_printer(actor=stranger, printer_id=printer.pk),
        "photo": lambda: photos.add(actor=stranger, register_id=register.pk, additions=[]),
        "photo removed": lambda: photos.remove(
            actor=stranger, register_id=register.pk, row_id=1, photo_id=1, reason="x"
        ),
        "electronic": lambda: make_electronic(
            actor=stranger, document_id=announce(city, 1, channel="online")[0].document_id
        ),
        "legacy": lambda: import_legacy(actor=stranger, lines=[], origin="x"),
        "review record": lambda: record_review(
            actor=city.who("health", "officer"),
            mode="self_managed",
            unit_id=city.enterprise.pk,
            number="x",
            valid_from=date(2026, 1, 1),
            valid_to=date(2026, 2, 1),
        ),
        "own certificates": lambda: file_report(
            actor=city.who("enterprise", "officer"), content=b"", name="x"
        ),
        "batch": lambda: verify_batch(
            actor=city.who("office", "auditor"),
            rows=[AskedRow(1, "张三", "x", "")],
            way=BatchWay.UPLOAD,
            purpose="recruiting",
        ),
    }
    calls |= steps
    before = AuditEvent.objects.count()
    for name, call in calls.items():
        with pytest.raises(NotPermitted):
            call()
        assert AuditEvent.objects.count() == before, name
    assert set(register.certificates.values_list("state", flat=True)) == {"embossed"}


def _of_reissues(city: City, stranger: Account) -> dict[str, Callable[[], object]]:
    """Every step of an application, by somebody who has nothing to do with it."""
    old, other = issued(city, 2)
    pk = Way(city, about(old)).submit().reissue.pk
    actions_opinions.accept_loss(actor=city.who("health", "clerk"), reissue_id=pk)
    today = date(2026, 4, 20)
    return {
        "apply": lambda: applying.apply(actor=stranger, application=about(other)),
        "amend": lambda: applying.amend(actor=stranger, reissue_id=pk, application=about(old)),
        "evidence": lambda: applying.add_evidence(
            actor=stranger, reissue_id=pk, kind="other", file=paper()
        ),
        "evidence out": lambda: applying.remove_evidence(
            actor=stranger, reissue_id=pk, evidence_id=1
        ),
        "submit": lambda: applying.submit(actor=stranger, reissue_id=pk),
        "withdraw": lambda: applying.withdraw(actor=stranger, reissue_id=pk),
        "found": lambda: applying.report_found(actor=stranger, reissue_id=pk),
        "accept": lambda: actions_opinions.accept(
            actor=stranger, reissue_id=pk, signed_on=today, copies=2
        ),
        "accept loss": lambda: actions_opinions.accept_loss(actor=stranger, reissue_id=pk),
        "send back": lambda: actions_opinions.return_application(
            actor=stranger, reissue_id=pk, reason="x"
        ),
        "refuse": lambda: actions_opinions.refuse(actor=stranger, reissue_id=pk, reason="x"),
        "record opinion": lambda: actions_opinions.record_opinion(
            actor=stranger,
            reissue_id=pk,
            level="work_unit",
            decision="agree",
            given_on=today,
            scan=paper(),
        ),
        "match": lambda: actions_opinions.decide_match(
            actor=stranger, reissue_id=pk, note="x", approving_department_id=city.health.pk
        ),
        "hand in": lambda: actions_old.hand_in(
            actor=stranger, reissue_id=pk, number=old.number, received_on=today
        ),
        "dispose": lambda: actions_old.dispose(
            actor=stranger, reissue_id=pk, fate="archived", on=today
        ),
        "hand out": lambda: actions_blank.hand_out(actor=stranger, reissue_id=pk, collected_by="x"),
        "take back": lambda: actions_blank.take_back(actor=stranger, reissue_id=pk),
        "new number": lambda: actions_blank.assign_number(actor=stranger, reissue_id=pk),
        "fill reissue": lambda: actions_blank.fill_in(actor=stranger, reissue_id=pk),
        "spoil reissue": lambda: actions_blank.spoil(
            actor=stranger, reissue_id=pk, reason="misprint"
        ),
        "exchange for reissue": lambda: actions_blank.exchange(actor=stranger, reissue_id=pk),
        "return of reissue": lambda: actions_blank.return_spoiled(actor=stranger, reissue_id=pk),
        "deadline": lambda: deadlines.set_deadline(
            actor=stranger, step="opinion", valid_from=today, days=3
        ),
        "void seen": lambda: actions_old.sighted(
            actor=city.who("office", "auditor"), number=old.number, channel="station"
        ),
    }
