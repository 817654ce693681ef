"""Settings from a day on: none begins in the past, all that was set stays (N1, N5, N8)."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from tests.support.city import City
from tests.support.pages import text_of
from zhicheng.audit.models import AuditEvent
from zhicheng.blanks import actions as stock
from zhicheng.blanks import reordering, stocktaking
from zhicheng.blanks.models import ReorderPolicy, SpareDisposal, SparePolicy, StocktakePolicy
from zhicheng.blanks.queries.stocktakes import period
from zhicheng.blanks.spares import spare_disposal, spare_policy
from zhicheng.certificates.models import PrintPolicy
from zhicheng.certificates.printjobs.policy import print_is_required, set_print_policy
from zhicheng.organizations.models import Account
from zhicheng.values.refusal import Refusal

pytestmark = pytest.mark.django_db

Setting = Callable[[Account, date], Any]
# name: (table, set it one way, the other way, what is in force, its page, what is posted).
SETTINGS: Mapping[str, tuple[Any, Setting, Setting, Callable[[date], Any], str, dict[str, Any]]] = {
    "spare_policy": (
        SparePolicy,
        lambda actor, day: stock.set_spare_policy(actor=actor, valid_from=day, rate=Decimal(0)),
        lambda actor, day: stock.set_spare_policy(actor=actor, valid_from=day, rate=Decimal(1)),
        lambda day: spare_policy(day).rate,
        "/blanks/spares/",
        {"percent": "7"},
    ),
    "spare_disposal": (
        SpareDisposal,
        lambda actor, day: stock.set_spare_disposal(
            actor=actor, valid_from=day, allowed=["return"], proposed="return"
        ),
        lambda actor, day: stock.set_spare_disposal(
            actor=actor, valid_from=day, allowed=["transfer"], proposed="transfer"
        ),
        lambda day: spare_disposal(day).proposed,
        "/blanks/spares/",
        {"disposal": 1, "allowed": ["return"], "proposed": "return"},
    ),
    "reorder_policy": (
        ReorderPolicy,
        lambda actor, day: reordering.set_reorder_policy(
            actor=actor, grade="senior", valid_from=day, weeks=1, stock=0
        ),
        lambda actor, day: reordering.set_reorder_policy(
            actor=actor, grade="senior", valid_from=day, weeks=9, stock=0
        ),
        lambda day: reordering.limits(day)["senior"].weeks,
        "/blanks/reorder/",
        {"grade": "senior", "weeks": 2, "stock": 0},
    ),
    "stocktake_policy": (
        StocktakePolicy,
        lambda actor, day: stocktaking.set_stocktake_policy(actor=actor, valid_from=day, months=60),
        lambda actor, day: stocktaking.set_stocktake_policy(actor=actor, valid_from=day, months=1),
        period,
        "/blanks/stocktakes/policy/",
        {"months": 60},
    ),
    "print_policy": (
        PrintPolicy,
        lambda actor, day: set_print_policy(actor=actor, valid_from=day, required=True),
        lambda actor, day: set_print_policy(actor=actor, valid_from=day, required=False),
        print_is_required,
        "/certificates/printing/policy/",
        {"required": "yes"},
    ),
}
every_setting = pytest.mark.parametrize("name", SETTINGS)


@every_setting
def test_a_setting_begins_today_or_later(city: City, client: Client, name: str) -> None:
    """Neither its action nor its page changes what held on a past day."""
    table, set_it, _otherwise, in_force, address, posted = SETTINGS[name]
    chief, today = city.who("office", "officer"), timezone.localdate()
    before = in_force(today)
    for day in (today - timedelta(days=1), date(2020, 1, 1)):
        with pytest.raises(Refusal, match="过去") as refused:
            set_it(chief, day)
        assert refused.value.rule == f"{name}.past"
        assert refused.value.found == day.isoformat()
    client.force_login(chief, backend="django.contrib.auth.backends.ModelBackend")
    shown = client.post(address, {**posted, "valid_from": "2020-01-01"})
    assert "不能从过去的日期起生效" in text_of(shown)
    assert shown.status_code == 422
    assert not table.objects.exists() and in_force(today) == before
    assert not AuditEvent.objects.filter(tag__contains="policy:set").exists()


@every_setting
def test_what_was_set_for_a_day_stays_when_it_is_set_again_and_the_last_counts(
    city: City, client: Client, name: str
) -> None:
    table, set_it, otherwise, in_force, address, _posted = SETTINGS[name]
    chief, today = city.who("office", "officer"), timezone.localdate()
    first = set_it(chief, today)
    found = in_force(today)
    last = otherwise(chief, today)
    assert in_force(today) != found
    assert [item.pk for item in table.objects.all()] == [last.pk, first.pk]
    client.force_login(chief, backend="django.contrib.auth.backends.ModelBackend")
    if name != "print_policy":  # its page shows what is in force alone
        assert text_of(client.get(address)).count("同日另有设定") == 1


@every_setting
@pytest.mark.parametrize("way", ["begins_today_or_later", "is_only_added"])
def test_the_database_refuses_it_too(city: City, name: str, way: str) -> None:
    table, set_it, *_rest = SETTINGS[name]
    made = set_it(city.who("office", "officer"), timezone.localdate())
    where = table._meta.db_table
    statements = {
        "begins_today_or_later": [
            (
                f"INSERT INTO {where} SELECT (jsonb_populate_record(r, jsonb_build_object("
                f"'id', r.id + 1, 'valid_from', r.valid_from - 1))).* FROM {where} r"
            ),
        ],
        "is_only_added": [
            f"UPDATE {where} SET valid_from = valid_from - 1",
            f"DELETE FROM {where}",
        ],
    }
    for statement in statements[way]:
        with (
            pytest.raises(IntegrityError) as refused,
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
        assert refused.value.__cause__.diag.constraint_name == f"{name}_{way}"  # type: ignore[union-attr]
    assert table.objects.get() == made
