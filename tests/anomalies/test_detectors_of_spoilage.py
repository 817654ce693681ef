"""A unit that spoils far more than others: found by the ledger's own rule, with its blanks."""

import re

from django.test import Client
from django.utils import timezone

from tests.support.city import City, accepted_register, carry, deliver
from zhicheng.anomalies.actions import _write
from zhicheng.anomalies.detectors import spoiling
from zhicheng.anomalies.models import Anomaly
from zhicheng.anomalies.rules import Thresholds
from zhicheng.blanks.models import SpoilReason
from zhicheng.blanks.queries import supply
from zhicheng.certificates.spoilage import spoil
from zhicheng.organizations.models import Account
from zhicheng.registers.models import Register
from zhicheng.values.serials import format_serial

T = Thresholds()


def _spoil(
    city: City, register: Register, unit: str, reasons: list[SpoilReason], first: int = 1
) -> list[int]:
    """One by one: the first spare goes to the first; afterwards they wait for an exchange."""
    spoiled = []
    for certificate, reason in zip(
        register.certificates.filter(position__gte=first).order_by("position"),
        reasons,
        strict=False,
    ):
        assert certificate.blank_serial is not None
        spoiled.append(certificate.blank_serial)
        spoil(
            actor=city.who(unit, "clerk"),
            register_id=register.pk,
            serials=[certificate.blank_serial],
            reason=reason,
        )
    return spoiled


def test_n9_a_unit_that_spoils_far_more_than_the_others(
    city: City, auditor: Account, client: Client
) -> None:
    careful = accepted_register(city, 60, unit=city.enterprise)
    ordinary = accepted_register(city, 40, unit=city.district)
    careless = accepted_register(city, 12)
    deliver(city, 140)
    for register in (careful, ordinary, careless):
        carry(city, register, "filled")
    _spoil(city, ordinary, "district", [SpoilReason.DAMAGED])
    misprints = [SpoilReason.MISPRINT] * 3 + [SpoilReason.DAMAGED]
    spoiled = _spoil(city, careless, "health", misprints)
    assert spoiling.spoilage(T, timezone.now()) == []  # four may be bad luck
    spoiled += _spoil(city, careless, "health", [SpoilReason.MISPRINT] * 2, first=11)
    now = timezone.now()
    (found,) = spoiling.spoilage(T, now)
    figures = dict(found.evidence.figures)
    assert found.organization_id == city.health.pk and figures["废旧证书本数"] == "6"
    assert (figures["最多的原因"], figures["该原因本数"]) == (SpoilReason.MISPRINT.label, "5")
    assert {key for kind, key, _label in found.evidence.objects if kind == "blank"} == set(spoiled)
    assert [key for kind, key, _label in found.evidence.objects if kind == "register"] == [
        careless.pk
    ]
    # The ledger's page of the same days marks the same unit, and the evidence leads there.
    page = [item.use.unit_id for item in supply.spoilage(*supply.a_year(now)) if item.outlier]
    assert page == [city.health.pk]
    _write([found])
    client.force_login(auditor)
    shown = client.get(Anomaly.objects.get().get_absolute_url()).content.decode()
    evidence = shown.split("zc-anomaly-facts", 1)[1]
    links = re.findall(r'href="(/blanks/s[^"]+|/registers/\d+/)"', evidence)
    assert (
        f"/blanks/serials/{format_serial(spoiled[0])}/" in links
        and f"/registers/{careless.pk}/" in links
    )
    assert any(link.startswith("/blanks/spoilage/?day_from=") for link in links)
    for link in links:
        assert client.get(link.replace("&amp;", "&")).status_code == 200, link
