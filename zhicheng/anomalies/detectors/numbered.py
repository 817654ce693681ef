"""Every number of a register's certificate with its place in a sequence, as a part of statements.

By the unit's numbering rule where it has the form of one: the sequence runs per grade and region as
the counter does, and its ``n`` grows over the years. Else a number is its stem and the digits at
its end, and whether these hold a year or a grade isn't known.

``year`` and ``grade`` are what may make it jump: those of the certificate, where the rule doesn't
say that they have nothing to do with it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from zhicheng.registers.models import NumberingRule
from zhicheng.registers.numbering.readings import Reading, reading_of

# The newest rule first: numbers of one form are read in one way, whichever rule gave them.
NUMBERED = """
    rules AS (
        SELECT unit, array_agg(id ORDER BY place) AS ids,
            array_agg(expression ORDER BY place) AS expressions,
            array_agg(sequence ORDER BY place) AS sequences,
            array_agg(year ORDER BY place) AS years,
            array_agg(grade ORDER BY place) AS grades, array_agg(region ORDER BY place) AS regions,
            array_agg(of_register ORDER BY place) AS of_registers
        FROM unnest(%(rule_units)s::bigint[], %(rule_ids)s::bigint[], %(rule_expressions)s::text[],
            %(rule_sequences)s::int[], %(rule_years)s::int[], %(rule_grades)s::int[],
            %(rule_regions)s::int[], %(rule_of_register)s::boolean[]) WITH ORDINALITY
            AS r(unit, id, expression, sequence, year, grade, region, of_register, place)
        GROUP BY unit
    ), numbered AS (
        SELECT c.id, c.number, c.register_id, c.issuing_unit_id, c.filled_at,
            coalesce(k.rule, 0) AS rule,
            coalesce(k.stem, regexp_replace(c.number, '[0-9]{1,9}$', '')) AS stem,
            coalesce(k.n, substring(c.number FROM '([0-9]{1,9})$')::bigint) AS n,
            CASE
                WHEN k.rule IS NULL
                    THEN greatest(extract(year FROM c.approval_date)::int, r.year::int)
                WHEN NOT k.per_year THEN 0
                WHEN k.of_register THEN r.year::int
                ELSE extract(year FROM c.approval_date)::int
            END AS year,
            CASE WHEN k.rule IS NULL THEN c.grade ELSE '' END AS grade
        FROM certificates_certificate c
        JOIN registers_register r ON r.id = c.register_id
        LEFT JOIN rules u ON u.unit = c.issuing_unit_id
        LEFT JOIN LATERAL (
            SELECT q.rule, q.of_register, q.year > 0 AS per_year,
                concat_ws('/', said[q.grade], said[q.region]) AS stem,
                coalesce(said[q.year]::bigint, 0) * 1000000000 + said[q.sequence]::bigint AS n
            FROM unnest(u.ids, u.expressions, u.sequences, u.years, u.grades, u.regions,
                    u.of_registers) WITH ORDINALITY
                    AS q(rule, expression, sequence, year, grade, region, of_register, place),
                regexp_match(c.number, q.expression) AS said
            WHERE said IS NOT NULL ORDER BY q.place LIMIT 1
        ) k ON true
        WHERE c.origin = 'register' AND c.filled_at IS NOT NULL
            AND (k.rule IS NOT NULL OR c.number ~ '[0-9]$')
    )
"""


def rules_in_force(now: datetime) -> list[NumberingRule]:
    """Every unit's rules that may have made a number, each unit's newest first."""
    begun = NumberingRule.objects.filter(withdrawn_at=None, valid_from__lte=timezone.localdate(now))
    return list(begun.order_by("unit_id", "-valid_from"))


def as_parameters(rules: Sequence[NumberingRule]) -> dict[str, Any]:
    """What ``NUMBERED`` asks for."""
    known: dict[tuple[int, str], tuple[int, Reading]] = {}
    for rule in rules:
        reading = reading_of(rule.spec)
        known.setdefault((rule.unit_id, reading.expression), (rule.pk, reading))
    readings = [reading for _pk, reading in known.values()]
    return {
        "rule_units": [unit for unit, _expression in known],
        "rule_ids": [pk for pk, _reading in known.values()],
        "rule_expressions": [reading.expression for reading in readings],
        "rule_sequences": [reading.sequence for reading in readings],
        "rule_years": [reading.year for reading in readings],
        "rule_grades": [reading.grade for reading in readings],
        "rule_regions": [reading.region for reading in readings],
        "rule_of_register": [reading.of_register for reading in readings],
    }
