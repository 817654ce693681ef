"""Reads of layouts and printers: what a blank is printed with, and on which printers (N8)."""

from dataclasses import dataclass

from django.db.models import Case, IntegerField, QuerySet, Value, When

from zhicheng.documents.layout import Layout, load_layout
from zhicheng.layouts.hooks import editions, prints_of
from zhicheng.layouts.models import PRODUCT_LAYOUT, LayoutState, LayoutVersion, Printer
from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import PERMISSIONS, Action, Relation, Role
from zhicheng.reference.models import Grade


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
        return Chosen(load_layout(grade), None, str(PRODUCT_LAYOUT))
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


@dataclass(frozen=True)
class Coverage:
    """What the blanks of a grade and year are printed with now.

    ``own``: the year has a layout of its own; ``draft`` is being worked on.
    """

    grade: str
    year: int
    chosen: Chosen
    own: bool
    draft: LayoutVersion | None

    @property
    def label(self) -> str:
        """The grade for people."""
        return str(Grade(self.grade).label)


def coverage(this_year: int) -> list[Coverage]:
    """Every grade and year with blanks or a layout, and this year; the newest first.

    Reads the table once, whatever is on it.
    """
    versions = list(LayoutVersion.objects.filter(state__in=["in_use", "draft"]))
    pairs = {(version.grade, version.year) for version in versions} | editions()
    pairs |= {(grade, this_year) for grade in Grade.values}
    order = {grade: number for number, grade in enumerate(Grade.values)}
    found = []
    for grade, year in sorted(pairs, key=lambda pair: (-pair[1], order[pair[0]])):
        of_grade = [item for item in versions if item.grade == grade]
        in_use = sorted(
            (v for v in of_grade if v.state == LayoutState.IN_USE and v.year <= year),
            key=lambda version: -version.year,
        )
        draft = next((v for v in of_grade if v.year == year and v.state == "draft"), None)
        if in_use:
            chosen = Chosen(in_use[0].layout, in_use[0].pk, str(in_use[0]))
        else:
            chosen = Chosen(load_layout(grade), None, str(PRODUCT_LAYOUT))
        own = bool(in_use) and in_use[0].year == year
        found.append(Coverage(grade, year, chosen, own, draft))
    return found


def versions() -> QuerySet[LayoutVersion]:
    """All versions with their people, without their content."""
    return LayoutVersion.objects.select_related("changed_by", "drafted_by", "put_in_use_by").defer(
        "content"
    )


def with_prints(rows: QuerySet[LayoutVersion]) -> QuerySet[LayoutVersion]:
    """The versions with ``prints``: how many certificates; NULL while nobody counts."""
    # A handful of versions a year: the counts come from below in one go and go along as values.
    counts = prints_of(list(rows.order_by().values_list("pk", flat=True)))
    if not counts:
        return rows.annotate(prints=Value(None, IntegerField()))
    whens = [When(pk=pk, then=Value(number)) for pk, number in counts.items()]
    return rows.annotate(prints=Case(*whens, output_field=IntegerField()))


def visible_printers(account: Account) -> QuerySet[Printer]:
    """The printers that the account may see: its own organisation's, or all."""
    printers = Printer.objects.select_related("organization", "current__calibrated_by")
    whole = (Role(account.role), Relation.ANY) in PERMISSIONS[Action.PRINTER_VIEW]
    if whole or may(account, Action.PRINTER_VIEW):
        return printers
    return printers.filter(organization_id=account.organization_id)
