"""Printers: added, renamed, calibrated, retired; each a step of its own (N8)."""

from collections.abc import Mapping
from dataclasses import asdict

from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.documents import calibration
from zhicheng.documents.calibration import Measured, Point
from zhicheng.layouts.models import Printer, PrinterCalibration
from zhicheng.organizations.guard import Actor, account_of, require
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Conflict, Refusal
from zhicheng.values.text import hide_id_numbers


@retrying
def add_printer(
    *, actor: Actor, organization: Organization, name: str, tray_note: str = ""
) -> Printer:
    """A printer that the organisation prints certificates with."""
    printer = Printer(organization=organization)
    with recorded(actor, Action.PRINTER_ADD) as record:
        require(actor, Action.PRINTER_ADD, printer)
        _name(printer, name, tray_note)
        printer.added_by = account_of(actor)
        printer.save()
        record(subject=printer, data={"printer": printer.name, "unit": organization.name})
    return printer


@retrying
def rename_printer(*, actor: Actor, printer_id: int, name: str, tray_note: str) -> Printer:
    """Another name, another note on its tray."""
    with recorded(actor, Action.PRINTER_RENAME) as record:
        printer = _locked(printer_id)
        require(actor, Action.PRINTER_RENAME, printer)
        before = printer.name
        _name(printer, name, tray_note)
        printer.save()
        record(subject=printer, data={"printer": printer.name, "before": before})
    return printer


@retrying
def calibrate_printer(
    *,
    actor: Actor,
    printer_id: int,
    found: Mapping[str, Point],
    width: float,
    height: float,
) -> tuple[Printer, Measured]:
    """Keeps what the crosses of the ruler sheet (of this size in mm) say about the printer.

    Raises Refusal for measurements that no printer's fault explains (``documents.calibration``).
    """
    with recorded(actor, Action.PRINTER_CALIBRATE) as record:
        printer = _locked(printer_id)
        require(actor, Action.PRINTER_CALIBRATE, printer)
        _require_active(printer)
        measured = calibration.measure(found, width, height)
        kept = PrinterCalibration.objects.create(
            printer=printer,
            **asdict(measured.calibration),
            skew=measured.skew,
            measured={
                "width": width,
                "height": height,
                "crosses": {name: list(point) for name, point in found.items()},
            },
            calibrated_by=account_of(actor),
        )
        printer.current = kept
        printer.save()
        record(
            subject=printer,
            data={
                "printer": printer.name,
                "calibration": asdict(measured.calibration),
                "skew": measured.skew,
            },
        )
    return printer, measured


@retrying
def retire_printer(*, actor: Actor, printer_id: int) -> Printer:
    """Takes a printer out of use; its calibrations stay readable."""
    with recorded(actor, Action.PRINTER_RETIRE) as record:
        printer = _locked(printer_id)
        require(actor, Action.PRINTER_RETIRE, printer)
        _require_active(printer)
        printer.active = False
        printer.retired_at = timezone.now()
        printer.save()
        record(subject=printer, data={"printer": printer.name})
    return printer


def _locked(printer_id: int) -> Printer:
    return Printer.objects.select_for_update(no_key=True).get(pk=printer_id)


def _name(printer: Printer, name: str, tray_note: str) -> None:
    printer.name = hide_id_numbers(name.strip())[:60]
    printer.tray_note = hide_id_numbers(tray_note.strip())[:200]
    if not printer.name:
        raise Refusal("printer.name", "请填写打印机名称。", expected="例如：三楼办公室激光打印机")
    same = Printer.objects.filter(
        organization_id=printer.organization_id, name=printer.name, active=True
    ).exclude(pk=printer.pk)
    if same.exists():
        raise Conflict(
            "printer.name_taken",
            "本单位已有同名的打印机。",
            found=printer.name,
            expected="另一个名称",
            mend="同一台打印机的不同纸盒，请在名称中写明。",
        )


def _require_active(printer: Printer) -> None:
    if not printer.active:
        raise Conflict("printer.retired", "这台打印机已经停用。", found=printer.name)
