"""The second factor's actions, and what the database keeps of it by itself (N18)."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from tests.support.city import PASSWORD, City, found_city
from tests.support.second_factor import code_of, turn_on, window
from zhicheng.audit.models import AuditEvent
from zhicheng.cli import main
from zhicheng.notifications.making import make
from zhicheng.notifications.models import Notification
from zhicheng.organizations import second_factor as actions
from zhicheng.organizations.actions import change_password, reset_password, unlock_account
from zhicheng.organizations.guard import CONSOLE
from zhicheng.organizations.guesses import is_stopped
from zhicheng.organizations.models import Account, LoginSession, RecoveryCode, SecondFactor
from zhicheng.organizations.permissions import Action
from zhicheng.organizations.queries import is_locked, locked_accounts
from zhicheng.organizations.sessions import CODE, LOCKED, RECOVERY
from zhicheng.values.refusal import NotPermitted, Refusal

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = uuid4(), uuid4()


def refused(rule: str, *, code: str, account: Account) -> None:
    with pytest.raises(Refusal) as said:
        actions.accept(account_id=account.pk, code=code)
    assert said.value.rule == rule


def test_a_secret_counts_from_its_first_code_on(clerk: Account) -> None:
    actions.begin(actor=clerk, login=HERE)
    clerk.refresh_from_db()
    assert clerk.second_factor_since is None
    secret = actions.pending_secret(clerk, HERE)
    assert secret is not None and len(secret) == 20
    for password, code, rule in (
        ("wrong", code_of(secret), "second_factor.wrong_password"),
        (PASSWORD, "000000" if code_of(secret) != "000000" else "1", "second_factor.wrong_code"),
    ):
        with pytest.raises(Refusal) as said:
            actions.confirm(actor=clerk, login=HERE, password=password, code=code)
        assert said.value.rule == rule
    codes = actions.confirm(actor=clerk, login=HERE, password=PASSWORD, code=code_of(secret))
    clerk.refresh_from_db()
    assert clerk.second_factor_since is not None
    assert len(set(codes)) == 10 == actions.codes_left(clerk)
    assert actions.pending_secret(clerk, HERE) is None
    refused("second_factor.wrong_code", code=code_of(secret), account=clerk)  # used to confirm


def test_a_picture_that_nobody_confirmed_for_long_counts_no_more(clerk: Account) -> None:
    actions.begin(actor=clerk, login=HERE)
    secret = actions.pending_secret(clerk, HERE)
    assert secret is not None
    SecondFactor.objects.update(pending_since=timezone.now() - timedelta(minutes=31))
    assert actions.pending_secret(clerk, HERE) is None
    with pytest.raises(Refusal) as said:
        actions.confirm(actor=clerk, login=HERE, password=PASSWORD, code=code_of(secret))
    assert said.value.rule == "second_factor.not_begun"


def test_a_code_is_accepted_once_and_with_it_no_older_one(clerk: Account) -> None:
    secret, _codes = turn_on(clerk)
    late = code_of(secret, 1)
    assert actions.accept(account_id=clerk.pk, code=late) == clerk
    for steps in (1, 0, -1):
        refused("second_factor.wrong_code", code=code_of(secret, steps), account=clerk)
    assert AuditEvent.objects.filter(tag=CODE, actor_id=clerk.pk).count() == 1


def test_a_recovery_code_is_used_once_and_told_to_its_owner(clerk: Account) -> None:
    _secret, codes = turn_on(clerk)
    actions.accept(account_id=clerk.pk, code=codes[3].lower().replace("-", " "))
    refused("second_factor.wrong_code", code=codes[3], account=clerk)
    assert actions.codes_left(clerk) == 9
    event = AuditEvent.objects.get(tag=RECOVERY)
    assert (event.subject_id, event.data) == (clerk.pk, {"left": 9})
    make()
    source = f"audit:{event.sequence}"
    assert Notification.objects.get(source=source).account_id == clerk.pk


def test_somebody_elses_recovery_code_opens_nothing(city: City, clerk: Account) -> None:
    _secret, codes = turn_on(city.who("health", "officer"))
    turn_on(clerk)
    refused("second_factor.wrong_code", code=codes[0], account=clerk)


def test_another_phone_counts_from_its_first_code_on_and_the_old_one_until_then(
    clerk: Account,
) -> None:
    old, codes = turn_on(clerk)
    with pytest.raises(Refusal):
        actions.begin(actor=clerk, login=HERE)  # whoever sits at an open window proves nothing
    actions.begin(actor=clerk, login=HERE, password=PASSWORD, code=codes[0])
    new = actions.pending_secret(clerk, HERE)
    assert new is not None and new != old
    actions.accept(account_id=clerk.pk, code=code_of(old))
    renewed = actions.confirm(actor=clerk, login=HERE, password=PASSWORD, code=code_of(new, -1))
    refused("second_factor.wrong_code", code=code_of(old, 1), account=clerk)
    refused("second_factor.wrong_code", code=codes[1], account=clerk)
    actions.accept(account_id=clerk.pk, code=code_of(new))
    actions.accept(account_id=clerk.pk, code=renewed[0])


def test_new_recovery_codes_end_the_old_ones(clerk: Account) -> None:
    secret, codes = turn_on(clerk)
    renewed = actions.renew_codes(actor=clerk, password=PASSWORD, code=code_of(secret))
    assert not set(renewed) & set(codes)
    refused("second_factor.wrong_code", code=codes[0], account=clerk)
    actions.accept(account_id=clerk.pk, code=renewed[0])


def test_turning_it_off_takes_password_and_code_and_leaves_nothing(clerk: Account) -> None:
    secret, _codes = turn_on(clerk)
    for password, code in (("wrong", code_of(secret)), (PASSWORD, "12345")):
        with pytest.raises(Refusal):
            actions.turn_off(actor=clerk, password=password, code=code)
    actions.turn_off(actor=clerk, password=PASSWORD, code=code_of(secret))
    clerk.refresh_from_db()
    assert clerk.second_factor_since is None
    assert not SecondFactor.objects.exists() and not RecoveryCode.objects.exists()


def test_where_it_is_required_nobody_turns_it_off(city: City, settings: Settings) -> None:
    settings.ZHICHENG_SECOND_FACTOR = "required"
    officer, clerk = city.who("office", "officer"), city.who("health", "clerk")
    secret, _codes = turn_on(officer)
    with pytest.raises(Refusal) as said:
        actions.turn_off(actor=officer, password=PASSWORD, code=code_of(secret))
    assert said.value.rule == "second_factor.required"
    secret, _codes = turn_on(clerk)
    actions.turn_off(actor=clerk, password=PASSWORD, code=code_of(secret))


def test_an_administrator_takes_away_anothers_and_never_the_own(city: City, clerk: Account) -> None:
    admin = city.who("office", "administrator")
    turn_on(clerk)
    turn_on(admin)
    with pytest.raises(NotPermitted):
        actions.take_away(actor=admin, account_id=admin.pk)
    for nobody in (city.who("office", "officer"), city.who("office", "auditor"), clerk):
        with pytest.raises(NotPermitted):
            actions.take_away(actor=nobody, account_id=clerk.pk)
    actions.take_away(actor=admin, account_id=clerk.pk)
    clerk.refresh_from_db()
    assert clerk.second_factor_since is None
    event = AuditEvent.objects.get(tag=Action.SECOND_FACTOR_TAKE_AWAY)
    assert (event.actor_id, event.subject_id) == (admin.pk, clerk.pk)
    make()
    told = Notification.objects.filter(source=f"audit:{event.sequence}")
    assert [item.account_id for item in told] == [clerk.pk]
    with pytest.raises(Refusal) as said:
        actions.take_away(actor=admin, account_id=clerk.pk)
    assert said.value.rule == "second_factor.off"


def test_the_command_line_takes_away_the_only_administrators(
    city: City, capsys: pytest.CaptureFixture[str]
) -> None:
    admin = city.who("office", "administrator")
    turn_on(admin)
    assert main(["account", "second-factor-off", "nobody"]) == 2
    assert "没有这个用户名" in capsys.readouterr().err
    assert main(["account", "second-factor-off", admin.username]) == 0
    admin.refresh_from_db()
    assert admin.second_factor_since is None
    assert main(["account", "second-factor-off", admin.username]) == 2
    assert AuditEvent.objects.get(tag=Action.SECOND_FACTOR_TAKE_AWAY).actor_name == "console"


def test_neither_secret_nor_codes_are_kept_in_clear_anywhere(clerk: Account) -> None:
    secret, codes = turn_on(clerk)
    actions.accept(account_id=clerk.pk, code=codes[0])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT secret_cipher::text, (SELECT string_agg(digest::text, ' ')"
            " FROM organizations_recoverycode) FROM organizations_secondfactor"
        )
        kept = " ".join(cursor.fetchone())
    told = json.dumps(list(AuditEvent.objects.values_list("data", "actor_name")))
    assert secret.hex() not in kept and secret.hex() not in told
    for code in codes:
        plain = code.replace("-", "")
        assert code.encode().hex() not in kept and plain.encode().hex() not in kept
        assert code not in told and plain not in told


def past_the_code(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"{statement}; SET CONSTRAINTS ALL IMMEDIATE")


CONFIRMED = "UPDATE organizations_secondfactor SET {}"


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (CONFIRMED.format("secret_cipher = NULL"), "confirmed_second_factor_has_secret_and_code"),
        (CONFIRMED.format("last_step = NULL"), "confirmed_second_factor_has_secret_and_code"),
        (CONFIRMED.format("pending_since = now()"), "pending_secret_says_since_when_and_where"),
        (
            CONFIRMED.format("pending_since = now(), pending_cipher = secret_cipher"),
            "pending_secret_says_since_when_and_where",
        ),
        (CONFIRMED.format("wrong_count = 1"), "wrong_codes_say_since_when"),
        (CONFIRMED.format("last_step = last_step - 1"), "second_factor_step_never_goes_back"),
        (
            CONFIRMED.format("secret_cipher = decode(repeat('61', 20), 'hex')"),
            "second_factor_secret_is_encrypted",
        ),
        (
            "UPDATE organizations_recoverycode SET used_at = NULL WHERE used_at IS NOT NULL",
            "recovery_code_is_used_once",
        ),
        (
            (
                "UPDATE organizations_recoverycode SET digest = decode(repeat('61', 32), 'hex')"
                " WHERE used_at IS NULL"
            ),
            "recovery_code_is_used_once",
        ),
        (
            (
                "INSERT INTO organizations_recoverycode (factor_id, digest)"
                " SELECT factor_id, decode('6162', 'hex') FROM organizations_recoverycode LIMIT 1"
            ),
            "recovery_code_is_kept_as_digest",
        ),
        (
            (
                "INSERT INTO organizations_recoverycode (factor_id, digest)"
                " SELECT factor_id, digest FROM organizations_recoverycode LIMIT 1"
            ),
            "recovery_code_once_per_account",
        ),
        (
            "UPDATE organizations_account SET second_factor_since = NULL",
            "account_says_since_when_it_has_a_second_factor",
        ),
        (
            "UPDATE organizations_account SET second_factor_since = now()",
            "account_says_since_when_it_has_a_second_factor",
        ),
        (
            "DELETE FROM organizations_recoverycode; DELETE FROM organizations_secondfactor",
            "second_factor_is_said_by_its_account",
        ),
        (
            CONFIRMED.format("confirmed_at = confirmed_at + interval '1 day'"),
            "second_factor_is_said_by_its_account",
        ),
    ],
)
def test_the_database_keeps_it_by_itself(clerk: Account, statement: str, constraint: str) -> None:
    _secret, codes = turn_on(clerk)
    actions.accept(account_id=clerk.pk, code=codes[0])
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        past_the_code(statement)
    diagnosis = getattr(broken.value.__cause__, "diag", None)
    assert diagnosis is not None and diagnosis.constraint_name == constraint


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by_recovery", [False, True])
def test_of_one_code_typed_twice_at_once_one_is_accepted(by_recovery: bool) -> None:
    clerk = found_city().who("health", "clerk")
    secret, codes = turn_on(clerk)
    code = codes[0] if by_recovery else code_of(secret)

    def login(_time: int) -> bool:
        try:
            actions.accept(account_id=clerk.pk, code=code)
        except Refusal:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(login, range(2))) == [False, True]
    assert AuditEvent.objects.filter(tag__in=[CODE, RECOVERY]).count() == 1


def test_taking_it_away_ends_every_login(city: City, clerk: Account) -> None:
    turn_on(clerk)
    windows = [window(clerk), window(clerk)]
    assert [item.get("/tasks/").status_code for item in windows] == [200, 200]
    actions.take_away(actor=city.who("office", "administrator"), account_id=clerk.pk)
    assert not LoginSession.objects.filter(account=clerk).exists()
    assert all(w.get("/tasks/")["Location"].startswith("/login/") for w in windows)


def wrong_codes(account: Account, times: int) -> None:
    for _time in range(times):
        refused("second_factor.wrong_code", code="12345", account=account)


def test_the_picture_is_there_for_the_login_that_began_it_alone(clerk: Account) -> None:
    _old, codes = turn_on(clerk)
    actions.begin(actor=clerk, login=HERE, password=PASSWORD, code=codes[0])
    secret = actions.pending_secret(clerk, HERE)
    assert secret is not None
    assert actions.pending_secret(clerk, ELSEWHERE) is None
    with pytest.raises(Refusal) as said:
        actions.confirm(actor=clerk, login=ELSEWHERE, password=PASSWORD, code=code_of(secret))
    assert said.value.rule == "second_factor.not_begun"
    with pytest.raises(Refusal) as said:
        actions.begin(actor=clerk, login=ELSEWHERE, password=PASSWORD, code=codes[0])  # used
    assert said.value.rule == "second_factor.wrong_code"
    assert actions.pending_secret(clerk, HERE) == secret


def test_a_recovery_code_is_told_wherever_it_is_used(clerk: Account) -> None:
    secret, codes = turn_on(clerk)
    actions.begin(actor=clerk, login=HERE, password=PASSWORD, code=codes[0])
    actions.begin(actor=clerk, login=HERE, password=PASSWORD, code=code_of(secret))
    renewed = actions.renew_codes(actor=clerk, password=PASSWORD, code=codes[1])
    actions.turn_off(actor=clerk, password=PASSWORD, code=renewed[0])
    events = AuditEvent.objects.filter(tag=RECOVERY, subject_id=clerk.pk).order_by("sequence")
    assert [event.data for event in events] == [{"left": 9}, {"left": 8}, {"left": 9}]
    make()
    told = Notification.objects.filter(source__in=[f"audit:{item.sequence}" for item in events])
    assert [item.account_id for item in told] == [clerk.pk] * 3


def test_ten_wrong_codes_stop_all_and_are_told_once(city: City, clerk: Account) -> None:
    secret, codes = turn_on(clerk)
    admin = city.who("office", "administrator")
    wrong_codes(clerk, 9)
    assert not is_locked(clerk) and not AuditEvent.objects.filter(tag=LOCKED).exists()
    wrong_codes(clerk, 1)
    for code in (code_of(secret), codes[0], "12345"):
        refused("account.locked", code=code, account=clerk)
    with pytest.raises(Refusal) as said:
        actions.turn_off(actor=clerk, password=PASSWORD, code=code_of(secret))
    assert said.value.rule == "account.locked"
    event = AuditEvent.objects.get(tag=LOCKED)
    assert (event.actor_name, event.data) == (clerk.username, {"step": "code"})
    make()
    told = Notification.objects.filter(source=f"audit:{event.sequence}")
    assert [item.account_id for item in told] == [admin.pk]
    assert is_locked(clerk) and [item.account for item in locked_accounts()] == [clerk]
    unlock_account(actor=admin, account_id=clerk.pk)
    assert not is_locked(clerk) and not locked_accounts()
    with pytest.raises(Refusal):
        unlock_account(actor=admin, account_id=clerk.pk)
    actions.accept(account_id=clerk.pk, code=code_of(secret))


def test_a_new_password_and_time_end_the_stop(clerk: Account) -> None:
    turn_on(clerk)
    wrong_codes(clerk, 10)
    reset_password(actor=CONSOLE, account_id=clerk.pk, password="a-quite-long-sentence")
    assert not is_stopped(clerk)
    wrong_codes(clerk, 10)
    clerk.refresh_from_db()
    change_password(actor=clerk, password="another-quite-long-sentence")
    assert not is_stopped(clerk)
    wrong_codes(clerk, 10)
    SecondFactor.objects.update(wrong_since=timezone.now() - timedelta(minutes=16))
    assert not is_stopped(clerk)
    wrong_codes(clerk, 10)
    assert AuditEvent.objects.filter(tag=LOCKED).count() == 4


def test_a_right_code_and_a_wrong_password_take_no_try(clerk: Account) -> None:
    secret, codes = turn_on(clerk)
    wrong_codes(clerk, 9)
    for _time in range(3):
        with pytest.raises(Refusal):
            actions.turn_off(actor=clerk, password="wrong", code=codes[0])
    assert SecondFactor.objects.get().wrong_count == 9
    actions.accept(account_id=clerk.pk, code=codes[0])
    wrong_codes(clerk, 9)
    actions.accept(account_id=clerk.pk, code=code_of(secret))
    assert SecondFactor.objects.get().wrong_count == 0


@pytest.mark.django_db(transaction=True)
def test_of_many_codes_at_once_no_more_than_the_limit_are_judged() -> None:
    clerk = found_city().who("health", "clerk")
    turn_on(clerk)

    def guess(_time: int) -> str:
        try:
            actions.accept(account_id=clerk.pk, code="12345")
        except Refusal as refusal:
            return refusal.rule
        finally:
            connection.close()
        return "in"

    with ThreadPoolExecutor(10) as pool:
        said = sorted(pool.map(guess, range(20)))
    assert said == ["account.locked"] * 10 + ["second_factor.wrong_code"] * 10
    assert AuditEvent.objects.filter(tag=LOCKED).count() == 1
