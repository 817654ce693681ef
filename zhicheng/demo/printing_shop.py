"""Layouts of this year's blanks, one being worked on, and the printers of a unit."""

from dataclasses import replace

from zhicheng.demo.city import City
from zhicheng.demo.clock import Course
from zhicheng.documents.layout import Layout, content_of
from zhicheng.layouts.actions import put_in_use, save_draft, start_draft
from zhicheng.layouts.models import LayoutVersion
from zhicheng.layouts.printers import add_printer, calibrate_printer
from zhicheng.reference.models import Grade


def open_printing_shop(city: City) -> Course:
    """A layout in use per grade, a draft for the senior blanks, two printers of a department."""
    clerk, officer = city.accounts["office.clerk"], city.accounts["office.officer"]
    year = city.days.year
    yield city.days.on(1, 12)
    for grade in Grade.values:
        version = start_draft(
            actor=clerk, grade=grade, year=year, note=f"按 {year} 年版空白证书实测"
        )
        put_in_use(actor=officer, version_id=version.pk, revision=version.revision)
    health = city.departments["市卫生健康委"]
    unit = city.accounts["health.clerk"]
    measured = add_printer(
        actor=unit,
        organization=health,
        name="三楼文印室激光打印机（手送纸盒）",
        tray_note="正面朝上，证书左边先进，一次不超过 20 张",
    )
    calibrate_printer(
        actor=unit,
        printer_id=measured.pk,
        found={"A": (31.2, 29.1), "B": (231.4, 29.2), "C": (231.4, 154.0)},
        width=260,
        height=185,
    )
    add_printer(
        actor=unit, organization=health, name="职改科喷墨打印机", tray_note="后部进纸，未校准"
    )
    yield city.days.ago(6, 14)
    draft = start_draft(
        actor=clerk, grade=Grade.SENIOR, year=year, note="印制企业更换版心后复量，待核对"
    )
    _shifted(city, draft)


def _shifted(city: City, draft: LayoutVersion) -> None:
    """The right page half a millimetre further right, the name a little lower."""

    def moved(layout: Layout) -> Layout:
        return replace(
            layout,
            fields=tuple(
                replace(field, x=field.x + 0.5)
                if field.x > layout.width / 2 and field.name != "blank_serial"
                else replace(field, y=field.y + 0.8)
                if field.name == "name"
                else field
                for field in layout.fields
            ),
        )

    save_draft(
        actor=city.accounts["office.clerk"],
        version_id=draft.pk,
        revision=draft.revision,
        content=content_of(moved(draft.layout)),
    )
