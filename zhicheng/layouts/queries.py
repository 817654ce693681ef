"""Reads of layouts and printers: what a blank is printed with, and on which printers (N8)."""

from dataclasses import dataclass

from django.db.models import QuerySet

from zhicheng.documents.layout import Layout, load_layout
from zhicheng.layouts.models import LayoutState, LayoutVersion, Printer
from zhicheng.organizations.models import Organization


@dataclass(frozen=True)
class Chosen:
    """The layout that a blank is printed with.

    ``version_id`` is None for the file that comes with the product; ``label`` names it to people.
    """

    layout: Layout
    version_id: int | None
    label: str


def layout_for(grade: str, year: int | None) -> Chosen:
    """The layout in use for the blanks of a grade and year (None: the newest).

    Without one of its own a year takes the latest earlier one, and the product's file where there
    is none at all: the printer changes the blank rarely.
    """
    in_use = LayoutVersion.objects.filter(grade=grade, state=LayoutState.IN_USE)
    if year is not None:
        in_use = in_use.filter(year__lte=year)
    version = in_use.order_by("-year").first()
    if version is None:
        return Chosen(load_layout(grade), None, "产品自带版式")
    return Chosen(version.layout, version.pk, str(version))


def layout_of_version(version_id: int) -> Chosen:
    """The very version that something was printed with, whatever is in use now."""
    version = LayoutVersion.objects.get(pk=version_id)
    return Chosen(version.layout, version.pk, str(version))


def printers_of(organization: Organization | int) -> QuerySet[Printer]:
    """The organisation's printers that are in use, with their calibration."""
    pk = organization if isinstance(organization, int) else organization.pk
    return (
        Printer.objects.filter(organization_id=pk, active=True)
        .select_related("current__calibrated_by")
        .order_by("name", "pk")
    )
