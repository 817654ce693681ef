"""What the tests of small groups share: areas outside the office, figures to order."""

from django.db import connection
from django.test import Client

from tests.support.city import City
from zhicheng.organizations.models import Account
from zhicheng.statistics.areas import Area, area_of
from zhicheng.statistics.definitions import Dimension, Measure
from zhicheng.statistics.groupings import covering, groupings, number
from zhicheng.statistics.models import Rollup, Term
from zhicheng.statistics.sources import events_of_certificates, events_of_people

NAMES = ("卫生", "工程", "农业", "教育", "经济", "艺术")


def as_(city: City, organization: str, role: str = "officer") -> Client:
    client = Client()
    client.force_login(city.who(organization, role))
    return client


def area(city: City, organization: str, role: str = "clerk") -> Area:
    """Of the organisation as it is on file: ``fill`` puts some into districts."""
    return area_of(Account.objects.get(pk=city.who(organization, role).pk))


def count(where: Area, terms: list[Term], year: int, numbers: list[int]) -> None:
    """Writes the sums of an area by series, as the worker would keep them."""
    dimensions = covering(frozenset({Dimension.YEAR, where.dimension, Dimension.SERIES}))
    assert dimensions is not None
    codes = {Dimension.YEAR: year, where.dimension: where.code}
    Rollup.objects.filter(grouping=number(dimensions)).filter(
        **{"abc"[dimensions.index(Dimension.YEAR)]: year}
    ).delete()
    Rollup.objects.bulk_create(
        Rollup(
            grouping=number(dimensions),
            measure=Measure.ISSUED,
            **{
                "abc"[place]: {**codes, Dimension.SERIES: term.pk}[Dimension(item)]
                for place, item in enumerate(dimensions)
            },
            n=n,
        )
        for term, n in zip(terms, numbers, strict=True)
        if n
    )


def recount(measure: Measure | None = None) -> None:
    """The sums anew from the facts as they stand: of certificates, or of people who passed."""
    columns = {1: "year", 2: "region_id", 3: "unit_id", 4: "issuer_id", 5: "department_id",
               6: "series_id", 7: "level", 8: "qualification_id", 9: "mode", 10: "channel",
               11: "sex", 12: "age"}  # fmt: skip
    people = measure is Measure.PASSED
    events = events_of_people() if people else events_of_certificates()
    passed = Rollup.objects.filter(measure=Measure.PASSED)
    (passed if people else Rollup.objects.exclude(pk__in=passed)).delete()
    with connection.cursor() as cursor:
        for grouping in groupings():
            names = [columns[item] for item in grouping]
            chosen = ", ".join([*names, *["-1"] * (3 - len(names))])
            cursor.execute(
                f"INSERT INTO statistics_rollup (grouping, measure, a, b, c, n)"
                f" SELECT {number(grouping)}, measure, {chosen}, count(*)"
                f" FROM ({events}) e GROUP BY measure, {', '.join(names)}"
            )
