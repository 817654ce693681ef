"""The statements that turn rows into facts, and facts into events that are counted.

They say in SQL what ``definitions`` says in words.
"""

from collections.abc import Sequence

from django.conf import settings

from zhicheng.approvals.models import ReviewMode
from zhicheng.statistics.definitions import CHANNELS, LEVELS, MODES, SEXES, Measure
from zhicheng.statistics.models import Step
from zhicheng.statistics.rules import AGE_BANDS

CODES = (
    "region_id",
    "unit_id",
    "issuer_id",
    "department_id",
    "series_id",
    "level",
    "qualification_id",
    "mode",
    "channel",
    "sex",
    "age",
)
ZONE = settings.TIME_ZONE
STEP_COLUMNS = {
    Step.FILL: "fill_days",
    Step.SEAL: "seal_days",
    Step.EMBOSS: "emboss_days",
    Step.ISSUE: "issue_days",
    Step.WHOLE: "whole_days",
    Step.ELECTRONIC: "electronic_days",
}


def _code(expression: str, values: Sequence[str]) -> str:
    cases = " ".join(f"WHEN '{value}' THEN {place}" for place, value in enumerate(values, start=1))
    return f"CASE {expression} {cases} ELSE 0 END"


def _age(day: str) -> str:
    age = f"(EXTRACT(year FROM {day})::int - b.year)"
    cases = " ".join(
        f"WHEN {age} <= {band.last} THEN {band.code}" for band in AGE_BANDS if band.last is not None
    )
    return f"CASE WHEN coalesce(b.year, 0) = 0 THEN 0 {cases} ELSE {AGE_BANDS[-1].code} END"


def day_of(moment: str) -> str:
    """The day of a moment by the clock here."""
    return f"({moment} AT TIME ZONE '{ZONE}')::date"


def _year(moment: str) -> str:
    return f"coalesce(EXTRACT(year FROM {day_of(moment)})::int, 0)"


def _days(first: str, last: str, origin: str = "register") -> str:
    """Whole days from one day to another; -1 where it can't be told."""
    days = f"{day_of(last)} - {day_of(first)}"
    return f"CASE WHEN c.origin = '{origin}' AND {last} >= {first} THEN {days} ELSE -1 END"


# What the statements below begin with: everything, or the cases that a table of keys names. It
# stands first because the planner keeps the order of so many joins: the few before whole tables.
EVERYTHING = {
    "people": "approvals_approvedperson p",
    "certificates": "certificates_certificate c",
    "own": "selfissued_selfissuedcertificate s",
}
COUNTED = {kind: f"counted_{kind} k JOIN {table} ON {table[-1]}.id = k.id"
           for kind, table in EVERYTHING.items()}  # fmt: skip

PERSON_COLUMNS = ("person_id", "passed_year", *CODES)
# Two terms of a person's: see DIMENSIONS for how the unit is found. What a unit fills in by itself
# says nothing until it is submitted: else it could move people to and fro and see a number change.
PERSON_FACTS = f"""
SELECT p.id, EXTRACT(year FROM p.approval_date)::int,
    coalesce(u.region_id, i.region_id, 0), coalesce(found.unit, 0), coalesce(found.issuer, 0),
    d.approving_department_id, coalesce(ts.id, 0), {_code("p.level", LEVELS)}, coalesce(tq.id, 0),
    {_code("d.review_mode", MODES)}, {_code("d.channel", CHANNELS)}, {_code("p.sex", SEXES)},
    {_age("p.approval_date")}
FROM {{people}}
JOIN approvals_approvaldocument d ON d.id = p.document_id
LEFT JOIN certificates_certificate c ON c.approved_person_id = p.id AND c.origin <> 'reissue'
    AND c.state <> 'withdrawn'
LEFT JOIN registers_register r ON r.id = c.register_id
LEFT JOIN LATERAL (
    SELECT x.reporting_unit_id, x.issuing_unit_id
    FROM registers_registerrow l JOIN registers_register x ON x.id = l.register_id
    WHERE l.approved_person_id = p.id AND c.id IS NULL AND x.state NOT IN ('draft', 'returned')
    ORDER BY l.accepted DESC, l.id DESC LIMIT 1
) stands ON true
LEFT JOIN organizations_organization w ON w.name = p.work_unit AND w.valid_to IS NULL
CROSS JOIN LATERAL (SELECT
    coalesce(r.reporting_unit_id, stands.reporting_unit_id, w.id, c.issuing_unit_id) AS unit,
    coalesce(c.issuing_unit_id, stands.issuing_unit_id,
        CASE WHEN w.has_authority THEN w.id ELSE w.supervisor_id END) AS issuer) found
LEFT JOIN organizations_organization u ON u.id = found.unit
LEFT JOIN organizations_organization i ON i.id = found.issuer
LEFT JOIN statistics_term ts ON ts.kind = 'series' AND ts.text = nullif(p.series, '')
LEFT JOIN statistics_term tq ON tq.kind = 'qualification' AND tq.text = p.qualification
LEFT JOIN statistics_birthyear b ON b.id_number_index = p.id_number_index
"""

CERTIFICATE_COLUMNS = (
    "certificate_id",
    "issued_year",
    "how",
    "voided_year",
    "revoked",
    "lost_year",
    *STEP_COLUMNS.values(),
    *CODES,
)
CERTIFICATE_FACTS = f"""
SELECT c.id, {_year("c.issued_at")},
    CASE c.origin WHEN 'historic' THEN {Measure.HISTORIC:d} WHEN 'reissue' THEN CASE e.kind
        WHEN 'renewal' THEN {Measure.RENEWAL:d} ELSE {Measure.REPLACEMENT:d} END
        ELSE {Measure.ISSUED:d} END,
    {_year("c.voided_at")}, c.void_reason = 'revoked',
    CASE WHEN c.voided_at IS NULL THEN {_year("c.lost_at")} ELSE 0 END,
    {_days("r.accepted_at", "c.filled_at")}, {_days("c.filled_at", "c.official_seal_at")},
    {_days("c.official_seal_at", "c.embossed_at")}, {_days("c.embossed_at", "c.issued_at")},
    {_days("r.accepted_at", "c.issued_at")},
    {_days("d.imported_at", "c.issued_at", "online")},
    coalesce(u.region_id, i.region_id, 0), found.unit, c.issuing_unit_id,
    c.approving_department_id, coalesce(ts.id, 0), {_code("c.level", LEVELS)}, coalesce(tq.id, 0),
    {_code("d.review_mode", MODES)},
    {_code("coalesce(d.channel, CASE c.medium WHEN 'electronic' THEN 'online' ELSE 'paper' END)", CHANNELS)},
    {_code("c.sex", SEXES)}, {_age("c.approval_date")}
FROM {{certificates}}
LEFT JOIN registers_register r ON r.id = c.register_id
LEFT JOIN certificates_certificate o ON o.id = c.replaces_id
LEFT JOIN registers_register old ON old.id = o.register_id
LEFT JOIN reissues_reissue e ON e.id = c.reissue
LEFT JOIN approvals_approvedperson p ON p.id = coalesce(c.approved_person_id, o.approved_person_id)
LEFT JOIN approvals_approvaldocument d ON d.id = p.document_id
LEFT JOIN organizations_organization w ON w.name = c.work_unit AND w.valid_to IS NULL
CROSS JOIN LATERAL (SELECT coalesce(r.reporting_unit_id, old.reporting_unit_id,
    e.work_unit_organization_id, w.id, c.issuing_unit_id) AS unit) found
LEFT JOIN organizations_organization u ON u.id = found.unit
LEFT JOIN organizations_organization i ON i.id = c.issuing_unit_id
LEFT JOIN statistics_term ts ON ts.kind = 'series' AND ts.text = nullif(p.series, '')
LEFT JOIN statistics_term tq ON tq.kind = 'qualification' AND tq.text = c.qualification
LEFT JOIN statistics_birthyear b ON b.id_number_index = c.id_number_index
WHERE c.state = 'issued'
"""  # noqa: E501

SELF_ISSUED_COLUMNS = ("certificate_id", "issued_year", *CODES)
SELF_ISSUED_FACTS = f"""
SELECT s.id, EXTRACT(year FROM coalesce(s.issued_on, s.approval_date))::int,
    coalesce(u.region_id, 0), s.unit_id, s.unit_id, 0, coalesce(ts.id, 0),
    {_code("s.level", LEVELS)}, coalesce(tq.id, 0), {MODES.index(ReviewMode.SELF_MANAGED) + 1}, 0,
    {_code("s.sex", SEXES)}, {_age("s.approval_date")}
FROM {{own}}
JOIN organizations_organization u ON u.id = s.unit_id
LEFT JOIN statistics_term ts ON ts.kind = 'series' AND ts.text = nullif(s.series, '')
LEFT JOIN statistics_term tq ON tq.kind = 'qualification' AND tq.text = s.qualification
LEFT JOIN statistics_birthyear b ON b.id_number_index = s.id_number_index
WHERE s.state = 'accepted'
"""

NEW_TERMS = """
INSERT INTO statistics_term (kind, text)
SELECT DISTINCT 'series', p.series FROM approvals_approvedperson p
WHERE p.series <> '' AND {people}
UNION SELECT 'qualification', p.qualification FROM approvals_approvedperson p WHERE {people}
UNION SELECT 'qualification', c.qualification FROM certificates_certificate c
WHERE c.state = 'issued' AND {certificates}
UNION SELECT 'qualification', s.qualification FROM selfissued_selfissuedcertificate s
WHERE s.state = 'accepted' AND {own}
UNION SELECT 'series', s.series FROM selfissued_selfissuedcertificate s
WHERE s.series <> '' AND s.state = 'accepted' AND {own}
EXCEPT SELECT kind, text FROM statistics_term
ON CONFLICT DO NOTHING
"""
WITHOUT_BIRTH_YEAR = """
SELECT DISTINCT ON (found.id_number_index) found.id_number_index, found.id_kind,
    found.id_number_cipher
FROM (
    SELECT p.id_number_index, p.id_kind, p.id_number_cipher FROM approvals_approvedperson p
    WHERE {people}
    UNION ALL
    SELECT c.id_number_index, c.id_kind, c.id_number_cipher FROM certificates_certificate c
    WHERE c.state = 'issued' AND {certificates}
    UNION ALL
    SELECT s.id_number_index, s.id_kind, s.id_number_cipher FROM selfissued_selfissuedcertificate s
    WHERE s.state = 'accepted' AND {own}
) found
WHERE NOT EXISTS (
    SELECT FROM statistics_birthyear b WHERE b.id_number_index = found.id_number_index)
"""


def events_of_people(where: str = "true") -> str:
    """A person who passed is one event."""
    return (
        f"SELECT {Measure.PASSED:d} AS measure, f.passed_year AS year, {_codes()}"
        f" FROM statistics_personfact f WHERE {where}"
    )


def events_of_self_issued(where: str = "true") -> str:
    """A certificate that a unit issued itself is one event."""
    return (
        f"SELECT {Measure.SELF_ISSUED:d} AS measure, f.issued_year AS year, {_codes()}"
        f" FROM statistics_selfissuedfact f WHERE {where}"
    )


def events_of_certificates(where: str = "true") -> str:
    """Up to four events of a certificate: its issue, its end, a revocation, a loss."""
    return f"""
        SELECT e.measure, e.year, {_codes()} FROM statistics_certificatefact f
        CROSS JOIN LATERAL (VALUES (f.how::int, f.issued_year),
            ({Measure.VOIDED:d}, f.voided_year),
            ({Measure.REVOKED:d}, CASE WHEN f.revoked THEN f.voided_year ELSE 0 END),
            ({Measure.LOST:d}, f.lost_year)) e (measure, year)
        WHERE e.year > 0 AND {where}
    """


def _codes() -> str:
    return ", ".join(f"f.{name}" for name in CODES)


def durations(where: str = "true") -> str:
    """The days of each step that a certificate's way tells."""
    steps = ", ".join(f"({step.value}, f.{column})" for step, column in STEP_COLUMNS.items())
    return f"""
        SELECT s.step, f.issuer_id, f.issued_year AS year, s.days
        FROM statistics_certificatefact f CROSS JOIN LATERAL (VALUES {steps}) s (step, days)
        WHERE s.days >= 0 AND {where}
    """
