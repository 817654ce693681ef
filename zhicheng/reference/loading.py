"""Brings the reference CSV files into the tables, any number of times.

What a file adds or corrects is taken over. A district that left the file stays, because units
and certificates may carry it; a title that left the file goes.
"""

from dataclasses import dataclass

from django.db import transaction

from zhicheng.reference.catalog import load_catalog, load_districts
from zhicheng.reference.models import Qualification, Region, Series


@dataclass(frozen=True)
class Loaded:
    """How many of each the files hold."""

    series: int
    qualifications: int
    regions: int


@transaction.atomic
def load_reference() -> Loaded:
    """Makes the tables say what the files say."""
    catalog, districts = load_catalog(), load_districts()
    Series.objects.bulk_create(
        [Series(name=name) for name in catalog.series], ignore_conflicts=True
    )
    series = {item.name: item for item in Series.objects.all()}
    wanted = {
        (series[title.series].pk, title.specialty, title.name, title.level, title.before_reform)
        for title in catalog.titles
    }
    fields = ("series_id", "specialty", "name", "level", "before_reform")
    held = {row[1:]: row[0] for row in Qualification.objects.values_list("pk", *fields)}
    gone = [pk for key, pk in held.items() if key not in wanted]
    if gone:
        Qualification.objects.filter(pk__in=gone).delete()
    Qualification.objects.bulk_create(
        [
            Qualification(**dict(zip(fields, key, strict=True)))
            for key in sorted(wanted - set(held), key=str)
        ]
    )
    Region.objects.bulk_create(
        [
            Region(
                code=district.code,
                name=district.name,
                kind=district.kind,
                valid_from=district.valid_from,
                valid_to=district.valid_to,
            )
            for district in districts
        ],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["code", "kind", "valid_from", "valid_to"],
    )
    return Loaded(len(series), len(wanted), len(districts))
