"""What other systems are told of a certificate: one statement for feed, export and single answer.

PostgreSQL builds the JSON, so that a million rows cost no Python object. The ID number is masked;
the blind index never leaves the database.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from zhicheng.certificates.queries import visible
from zhicheng.organizations.models import Account
from zhicheng.protection import reveal
from zhicheng.reissues.models import Reissue
from zhicheng.selfissued import queries as self_issued
from zhicheng.verification import queries
from zhicheng.verification.models import LegacyRecord
from zhicheng.verification.rules import Record, Source

FIELDS: Sequence[tuple[str, str]] = (
    ("id_number", "c.id_number_masked"),
    ("number", "c.number"),
    ("name", "c.name"),
    ("sex", "c.sex"),
    ("id_kind", "c.id_kind"),
    ("work_unit", "c.work_unit"),
    ("specialty", "c.specialty"),
    ("qualification", "c.qualification"),
    ("level", "c.level"),
    ("grade", "c.grade"),
    ("approval_date", "c.approval_date"),
    ("document_number", "c.document_number"),
    ("issuing_unit", "iu.name"),
    ("approving_department", "ad.name"),
    ("medium", "c.medium"),
    (
        "source",
        """CASE c.origin WHEN 'reissue'
            THEN CASE e.kind WHEN 'renewal' THEN 'correction' ELSE 'replacement' END
            WHEN 'online' THEN 'system' WHEN 'historic' THEN 'legacy' ELSE 'register' END""",
    ),
    (
        "status",
        """CASE WHEN c.voided_at IS NOT NULL
            THEN CASE c.void_reason WHEN 'revoked' THEN 'void' ELSE 'replaced' END
            WHEN c.lost_at IS NOT NULL THEN 'lost' ELSE 'valid' END""",
    ),
    ("issued_at", "c.issued_at"),
    ("lost_at", "c.lost_at"),
    ("voided_at", "c.voided_at"),
    ("replaces", "o.number"),
    ("replaced_by", "s.number"),
)
COLUMNS = ", ".join(f"{expression} AS {name}" for name, expression in FIELDS)
TABLES = """
    certificates_certificate c
    JOIN organizations_organization iu ON iu.id = c.issuing_unit_id
    JOIN organizations_organization ad ON ad.id = c.approving_department_id
    LEFT JOIN certificates_certificate o ON o.id = c.replaces_id
    LEFT JOIN reissues_reissue e ON e.id = c.reissue
    LEFT JOIN certificates_certificate s ON s.replaces_id = c.id AND s.state = 'issued'
"""
ROW = f"CROSS JOIN LATERAL (SELECT {COLUMNS}) r"


def seen_by(account: Account) -> tuple[str, tuple[Any, ...]]:
    """The condition on ``c`` for what the account may see (invariant 9), with its parameters."""
    if account.organization.is_municipal_office:
        return "c.state = 'issued'", ()
    statement, parameters = visible(account).order_by().values("pk").query.sql_with_params()
    return f"c.state = 'issued' AND c.id IN ({statement})", tuple(parameters)


def with_id_number(record: bytes, cipher: bytes) -> bytes:
    """The record's JSON with the whole ID number; it is the first of its fields."""
    end = record.index(b'",') + 2
    return b'{"id_number":"' + reveal(cipher).encode() + b'",' + record[end:]


def one(account: Account, number: str, *, whole: bool = False) -> bytes | None:
    """The record of a certificate number as JSON, from the best source that has it (N7)."""
    condition, parameters = seen_by(account)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT row_to_json(r)::text, c.id_number_cipher FROM {TABLES} {ROW}"
            f" WHERE c.number = %s AND {condition}",
            [number, *parameters],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    text = str(row[0]).encode()
    return with_id_number(text, bytes(row[1])) if whole else text


def legacy(account: Account, number: str) -> Record | None:
    """What self-managed units or old ledgers say of a number that no unified certificate has (N7).

    For the office alone.
    """
    if not account.organization.is_municipal_office:
        return None
    names = {
        *LegacyRecord.objects.filter(certificate_number=number).values_list("name", flat=True),
        *Reissue.objects.filter(old_number=number).values_list("name", flat=True),
        *self_issued.shown(number=number).values_list("name", flat=True),
    }
    for name in sorted(names):
        for record in queries.find_by_number(number, name):
            if record.source in (Source.SELF_ISSUED, Source.LEGACY, Source.PAPER):
                return record
    return None
