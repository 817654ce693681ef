"""Printers are kept by whoever prints with them; each measurement is kept (N8)."""

import pytest

from tests.support.city import City
from zhicheng.audit.models import AuditEvent
from zhicheng.documents.calibration import Calibration, Point
from zhicheng.layouts import printers
from zhicheng.layouts.models import Printer
from zhicheng.layouts.queries import printers_of, visible_printers
from zhicheng.values.refusal import Conflict, NotPermitted, Refusal

FOUND: dict[str, Point] = {"A": (31.0, 29.0), "B": (231.2, 29.0), "C": (231.2, 154.0)}


def printer(city: City, name: str = "三楼激光打印机") -> Printer:
    return printers.add_printer(
        actor=city.who("health", "clerk"), organization=city.health, name=name, tray_note="正面朝上"
    )


def test_a_printer_is_added_measured_renamed_and_retired(city: City) -> None:
    clerk = city.who("health", "clerk")
    one = printer(city)
    assert one.calibration == Calibration()
    assert one.calibration.neutral
    done, measured = printers.calibrate_printer(
        actor=clerk, printer_id=one.pk, found=FOUND, width=260, height=185
    )
    assert done.calibration == measured.calibration == Calibration(-0.97, 1.0, 0.999, 1.0)
    assert done.calibrated_by == clerk
    assert done.calibrated_at is not None
    printers.calibrate_printer(
        actor=clerk,
        printer_id=one.pk,
        found={"A": (30, 30), "C": (230, 155)},
        width=260,
        height=185,
    )
    (now,) = printers_of(city.health)
    assert now.calibration == Calibration()
    assert [item.skew for item in now.calibrations.all()] == [None, 0.0]
    assert now.calibrations.last().measured["crosses"]["B"] == [231.2, 29.0]  # type: ignore[union-attr]
    printers.rename_printer(actor=clerk, printer_id=one.pk, name="二楼", tray_note="")
    printers.retire_printer(actor=clerk, printer_id=one.pk)
    assert not printers_of(city.health).exists()
    with pytest.raises(Conflict):
        printers.calibrate_printer(
            actor=clerk, printer_id=one.pk, found=FOUND, width=260, height=185
        )
    tags = list(
        AuditEvent.objects.filter(tag__contains=":printer:")
        .order_by("sequence")
        .values_list("tag", flat=True)
    )
    assert tags == [
        f"any:printer:{step}" for step in ("add", "calibrate", "calibrate", "rename", "retire")
    ]
    # A retired printer's name may be given again.
    printer(city, "二楼")


def test_names_are_needed_and_once_per_organisation(city: City) -> None:
    one = printer(city)
    with pytest.raises(Conflict) as taken:
        printer(city)
    assert taken.value.rule == "printer.name_taken"
    with pytest.raises(Refusal) as nameless:
        printer(city, "  ")
    assert nameless.value.rule == "printer.name"
    other = printers.add_printer(
        actor=city.who("industry", "officer"), organization=city.industry, name=one.name
    )
    assert set(visible_printers(city.who("health", "clerk"))) == {one}
    for role in ("officer", "clerk", "auditor"):
        assert set(visible_printers(city.who("office", role))) == {one, other}


def test_a_measurement_beyond_reason_is_refused_and_not_kept(city: City) -> None:
    one = printer(city)
    with pytest.raises(Refusal) as refused:
        printers.calibrate_printer(
            actor=city.who("health", "clerk"),
            printer_id=one.pk,
            found={"A": (30, 30), "C": (240, 165)},
            width=260,
            height=185,
        )
    assert refused.value.rule == "calibration.scale"
    assert not one.calibrations.exists()


def test_invariant_9_others_do_not_touch_it(city: City) -> None:
    one = printer(city)
    for who in (("industry", "clerk"), ("office", "officer"), ("hospital", "clerk")):
        actor = city.who(*who)
        steps = (
            lambda actor=actor: printers.add_printer(
                actor=actor, organization=city.health, name="x"
            ),
            lambda actor=actor: printers.rename_printer(
                actor=actor, printer_id=one.pk, name="x", tray_note=""
            ),
            lambda actor=actor: printers.calibrate_printer(
                actor=actor, printer_id=one.pk, found=FOUND, width=260, height=185
            ),
            lambda actor=actor: printers.retire_printer(actor=actor, printer_id=one.pk),
        )
        for step in steps:
            with pytest.raises(NotPermitted):
                step()
    one.refresh_from_db()
    assert one.active
    assert one.name == "三楼激光打印机"
