"""Taking over certificates of before this product (N7: the last source in order)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from zhicheng.audit.recording import recorded
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.protection import blind_index, protect
from zhicheng.values.id_number import mask, person_form
from zhicheng.values.refusal import Refusal
from zhicheng.verification.models import LegacyRecord


@dataclass(frozen=True)
class LegacyLine:
    """One line of an old ledger."""

    certificate_number: str
    name: str
    id_number: str
    specialty: str
    qualification: str
    approval_date: date
    document_number: str


def import_legacy(*, actor: Actor, lines: Sequence[LegacyLine], origin: str) -> int:
    """Takes over old records, all or none; gives how many.

    Raises Refusal when a number is in the list twice or was taken over before. A number that a
    register also carries is no fault: the register answers, and the conflict is listed.
    """
    require(actor, Action.LEGACY_IMPORT)
    numbers = [line.certificate_number for line in lines]
    twice = [number for number, times in Counter(numbers).items() if times > 1]
    known = set(
        LegacyRecord.objects.filter(certificate_number__in=numbers).values_list(
            "certificate_number", flat=True
        )
    )
    if twice or known:
        raise Refusal(
            "legacy.number_twice",
            "历史证书编号重复，整个文件没有导入。",
            clause="N7",
            found="、".join((twice or sorted(known))[:5]),
            expected="每个证书编号只出现一次，且未曾导入",
        )
    with recorded(actor, Action.LEGACY_IMPORT) as record:
        made = LegacyRecord.objects.bulk_create(
            LegacyRecord(
                certificate_number=line.certificate_number,
                name=line.name,
                id_number_cipher=protect(line.id_number),
                id_number_index=blind_index(person_form(line.id_number)),
                id_number_masked=mask(line.id_number),
                specialty=line.specialty,
                qualification=line.qualification,
                approval_date=line.approval_date,
                document_number=line.document_number,
                origin=origin,
                imported_by=actor if isinstance(actor, Account) else None,
            )
            for line in lines
        )
        record(
            data={"origin": origin, "count": len(made)},
            rows="verification.legacyrecord",
            ids=[item.pk for item in made],
        )
    return len(made)
