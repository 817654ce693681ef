"""The online document of the year: its department numbers by rule, and the worker does the rest.

The import has asked for its electronic certificates already, as every import of an online document
does; the worker that ``zhicheng demo`` starts signs them by the test authority's keys.
"""

from django.utils import timezone

from zhicheng.demo.city import City
from zhicheng.demo.clock import Course
from zhicheng.registers.numbering.actions import set_rule


def tell_electronic(city: City) -> Course:
    """The rule by which the farming commission numbers what it issues online."""
    yield city.days.ago(30, 14)
    set_rule(
        actor=city.accounts["office.officer"],
        unit=city.departments["市农业农村委"],
        valid_from=timezone.localdate(),
        pattern="NYDZ{年}{等级}{流水5}",
        per_grade=True,
        senior_code="G",
        intermediate_code="Z",
        junior_code="C",
    )
