"""Certificates of every fate by a few statements, for counting: no action walked, no trigger fired.

Every kind of case is among them: originals on paper and online, some on their way, withdrawn, lost,
revoked; replaced and renewed ones with their successors, also twice; a reissue of a certificate
that isn't on file; self-managed people; unknown series; passports; electronic ones of historic
certificates, also renewed, and what self-managed units issued themselves.
"""

import random
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from tests.support.city import City, id_number
from tests.support.counted_papers import (
    YEARS,
    Places,
    allotments_of,
    moment_in,
    registers_of,
    submit,
    walk,
)
from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson
from zhicheng.blanks.models import Allotment
from zhicheng.bulk import copy_rows, new_ids
from zhicheng.certificates.models import Certificate
from zhicheng.organizations.models import Kind, Organization
from zhicheng.protection import blind_index, protect
from zhicheng.reference.loading import load_reference
from zhicheng.reference.models import Region
from zhicheng.registers.models import Register, RegisterRow
from zhicheng.reissues.models import Reissue
from zhicheng.selfissued.models import SelfIssuedCertificate
from zhicheng.values.id_number import mask

TITLES = (
    ("卫生技术人员", "主任医师", "senior_full", "senior"),
    ("卫生技术人员", "副主任医师", "senior_deputy", "senior"),
    ("卫生技术人员", "主治医师", "intermediate", "intermediate"),
    ("工程技术人员", "工程师", "intermediate", "intermediate"),
    ("工程技术人员", "助理工程师", "assistant", "junior"),
    ("", "技术员", "technician", "junior"),
)
_PERSON = (
    *("id", "document_id", "name", "sex", "id_kind", "id_number_cipher", "id_number_index"),
    *("id_number_masked", "work_unit", "qualification", "specialty", "series", "level", "grade"),
    "approval_date",
)
_CERTIFICATE = (
    *("id", "medium", "origin", "number", "register_id", "row_id", "position"),
    *("approved_person_id", "reissue", "replaces_id", "state", "name", "sex", "id_kind"),
    *("id_number_cipher", "id_number_index", "id_number_masked", "work_unit", "specialty"),
    *("qualification", "grade", "level", "approval_date", "document_number", "issuing_unit_id"),
    *("approving_department_id", "embosser_id", "filled_at", "official_seal_at", "embossed_at"),
    *("issued_at", "recipient", "recipient_relation", "lost_at", "voided_at", "void_reason"),
)


def places(city: City) -> Places:
    """The city's organisations and some more, in districts."""
    load_reference()
    regions = list(Region.objects.exclude(code="").order_by("code")[:4])
    Organization.objects.filter(pk=city.district.pk).update(region=regions[0])
    more = [
        Organization.objects.create(
            name=f"{region.name}中心医院",
            kind=Kind.REPORTING_UNIT,
            supervisor=city.health,
            region=region,
        )
        for region in regions[1:]
    ]
    return Places(
        units=[city.hospital, city.enterprise, city.district, *more],
        issuers=[city.health, city.enterprise, city.district],
        departments=[city.health, city.industry],
    )


def fill(city: City, count: int, *, seed: int = 1) -> None:
    """``count`` people who passed, with what became of their certificates."""
    where, chance = places(city), random.Random(seed)  # noqa: S311 - the same every time
    documents = _documents(where, chance, max(8, count // 200))
    registers = registers_of(where, chance, max(6, count // 100))
    people_ids = new_ids(ApprovedPerson, count)
    keys = iter(new_ids(Certificate, 2 * count))
    people: list[tuple[Any, ...]] = []
    certificates: list[tuple[Any, ...]] = []
    reissues: list[Reissue] = []
    for order, pk in enumerate(people_ids):
        person = _person(pk, order, documents, where, chance)
        people.append(tuple(person[name] for name in _PERSON))
        _fate(person, next(keys), keys, registers, where, chance, certificates, reissues)
    own = _of_before_and_of_units(people, keys, documents, where, seed, certificates, reissues)
    ways = random.Random(seed + 0.5)  # noqa: S311 - the same every time
    walk(documents, registers, reissues, ways)
    submit(registers, city)
    rows = _rows_of_those_without(people, certificates, registers, ways)
    with connection.cursor() as cursor:
        # Neither guards nor what the triggers write: what is counted are the plain rows.
        cursor.execute("SET LOCAL session_replication_role = replica")
        triggers = always_on()
        for table, name in triggers:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        copy_rows(ApprovedPerson, _PERSON, people)
        # Nor the checks, which ask for blanks, seals and signatures that no figure reads.
        for table, name in _checks():
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        Reissue.objects.bulk_create(reissues)
        copy_rows(
            Certificate,
            _CERTIFICATE,
            (
                [value.pk if isinstance(value, Reissue) else value for value in row]
                for row in certificates
            ),
        )
        SelfIssuedCertificate.objects.bulk_create(own)
        RegisterRow.objects.bulk_create(rows)
        allotted = allotments_of(registers, ways)
        moments = [item.allotted_at for item in allotted]
        Allotment.objects.bulk_create(allotted)
        for item, moment in zip(allotted, moments, strict=True):
            item.allotted_at = moment  # a new row has the present
        Allotment.everything.bulk_update(allotted, ["allotted_at"])
        for table, name in triggers:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
        cursor.execute("SET LOCAL session_replication_role = origin")


def always_on() -> list[tuple[str, str]]:
    """The triggers that fire whatever the role: (table, name)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
            " WHERE tgenabled = 'A' AND NOT tgisinternal"
        )
        return list(cursor.fetchall())


def _checks() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c'"
            " AND conrelid IN ('certificates_certificate'::regclass, 'reissues_reissue'::regclass,"
            " 'selfissued_selfissuedcertificate'::regclass, 'blanks_allotment'::regclass,"
            " 'registers_registerrow'::regclass)"
        )
        return list(cursor.fetchall())


def _documents(where: Places, chance: random.Random, count: int) -> list[ApprovalDocument]:
    modes = ("committee", "committee", "authorized", "joint", "self_managed")
    return ApprovalDocument.objects.bulk_create(
        ApprovalDocument(
            number=f"渝职改〔{chance.choice(YEARS)}〕{number}号",
            approving_department=chance.choice(where.departments),
            review_mode=modes[number % 5],
            channel="online" if number % 3 == 0 else "paper",
        )
        for number in range(1, count + 1)
    )


def _rows_of_those_without(
    people: list[tuple[Any, ...]],
    certificates: list[tuple[Any, ...]],
    registers: list[Register],
    chance: random.Random,
) -> list[RegisterRow]:
    """Half of those who have no certificate stand on a register, some on two."""
    place = _CERTIFICATE.index("approved_person_id")
    have = {row[place] for row in certificates}
    without = [values[0] for values in people if values[0] not in have]
    # Some who have one stand on another register, too: it says nothing more.
    stand = [*without[::2], *without[::6], *sorted(key for key in have if key)[::40]]
    return [
        RegisterRow(
            register=chance.choice(registers),
            position=position,
            approved_person_id=key,
            accepted=position <= len(without[::2]) and position % 3 == 0,
            certificate_number=f"R{position}",
        )
        for position, key in enumerate(stand, start=1)
    ]


def _person(
    pk: int, order: int, documents: list[ApprovalDocument], where: Places, chance: random.Random
) -> dict[str, Any]:
    series, qualification, level, grade = chance.choice(TITLES)
    number = id_number(order, born=f"{chance.randrange(1960, 1998)}0305")
    kind = "resident"
    if order % 41 == 0:
        number, kind = f"E{order:08d}", "passport"
    document = documents[order % len(documents)]
    unit = chance.choice(where.units).name if chance.random() < 0.8 else f"某单位{order % 7}"
    return {
        "id": pk,
        "document_id": document.pk,
        "document": document,
        "name": f"张医{order}",
        "sex": "男" if order % 5 < 2 else "女",
        "id_kind": kind,
        "id_number_cipher": protect(number),
        "id_number_index": blind_index(number),
        "id_number_masked": mask(number),
        "work_unit": unit,
        "qualification": qualification,
        "specialty": f"专业{order}",
        "series": series,
        "level": level,
        "grade": grade,
        "approval_date": date(
            chance.choice(YEARS), chance.choice((1, 12)), chance.randrange(1, 31)
        ),
    }


def _fate(
    person: dict[str, Any],
    key: int,
    keys: Any,
    registers: list[Register],
    where: Places,
    chance: random.Random,
    certificates: list[tuple[Any, ...]],
    reissues: list[Reissue],
) -> None:
    document, roll = person["document"], chance.random()
    if document.review_mode == "self_managed" or roll < 0.08:
        return
    if roll < 0.1:
        # A reissue of a certificate that isn't on file; its person may be unknown, too.
        at = moment_in(chance, chance.choice(YEARS))
        reissue = _reissue(person, "replacement", where.issuers[0], None)
        reissues.append(reissue)
        certificates.append(
            _row(
                person,
                key,
                origin="reissue",
                reissue=reissue,
                issuing_unit_id=where.issuers[0].pk,
                issued_at=at,
                approved_person_id=person["id"] if roll < 0.09 else None,
            )
        )
        return
    online = document.channel == "online"
    register = None if online else chance.choice(registers)
    issued = roll > 0.2
    filled = moment_in(chance, chance.choice(YEARS))
    row = {
        "medium": "electronic" if online else "paper",
        "origin": "online" if online else "register",
        "register_id": register.pk if register else None,
        "issuing_unit_id": register.issuing_unit_id
        if register
        else document.approving_department_id,
        "approved_person_id": person["id"],
        "state": "issued"
        if issued
        else chance.choice(("filled", "sealed", "embossed", "withdrawn")),
        "filled_at": None if online else filled,
        "official_seal_at": None if online else filled + timedelta(days=chance.randrange(4)),
        "embossed_at": None if online else filled + timedelta(days=4 + chance.randrange(9)),
        "issued_at": filled + timedelta(days=20 + chance.randrange(60)) if issued else None,
    }
    if not issued or roll < 0.7:
        certificates.append(_row(person, key, **row))
        return
    if roll < 0.75:
        row["lost_at"] = row["issued_at"] + timedelta(days=200)
        certificates.append(_row(person, key, **row))
        return
    if roll < 0.8:
        row |= {"voided_at": row["issued_at"] + timedelta(days=300), "void_reason": "revoked"}
        certificates.append(_row(person, key, **row))
        return
    # Replaced or renewed, some of them twice; a renewal may correct name, number and sex.
    previous, old = key, row
    for _turn in range(2 if roll > 0.97 else 1):
        kind = chance.choice(("replacement", "renewal"))
        at = old["issued_at"] + timedelta(days=100 + chance.randrange(500))
        old |= {
            "voided_at": at,
            "void_reason": "replaced" if kind == "replacement" else "renewed",
        }
        if chance.random() < 0.5:
            old["lost_at"] = at - timedelta(days=30)
        certificates.append(_row(person, previous, **old))
        unit = chance.choice((None, where.units[0]))
        reissue = _reissue(person, kind, chance.choice(where.issuers), unit)
        reissues.append(reissue)
        if kind == "renewal" and person["id_kind"] == "resident":
            number = id_number(chance.randrange(10**6), born=f"{chance.randrange(1960, 1998)}0716")
            person = {
                **person,
                "sex": "女" if person["sex"] == "男" else "男",
                "id_number_cipher": protect(number),
                "id_number_index": blind_index(number),
            }
        old = {
            "origin": "reissue",
            "reissue": reissue,
            "replaces_id": previous,
            "issuing_unit_id": reissue.unit_id,
            "approved_person_id": person["id"],
            "issued_at": at,
        }
        previous = next(keys)
    certificates.append(_row(person, previous, **old))


def _of_before_and_of_units(
    people: list[tuple[Any, ...]],
    keys: Any,
    documents: list[ApprovalDocument],
    where: Places,
    seed: int,
    certificates: list[tuple[Any, ...]],
    reissues: list[Reissue],
) -> list[SelfIssuedCertificate]:
    """Of a few people more: registered historic certificates, and units' own ones."""
    chance = random.Random(-seed)  # noqa: S311 - the same every time
    own = []
    for order, values in enumerate(chance.sample(people, len(people) // 15)):
        person = dict(zip(_PERSON, values, strict=True)) | {
            "document": documents[0],
            "specialty": f"以前的专业{order}",
        }
        at = moment_in(chance, chance.choice(YEARS))
        if order % 2:
            own.append(_of_a_unit(person, order, chance.choice(where.units), chance))
            continue
        key = next(keys)
        old: dict[str, Any] = {
            "medium": "electronic",
            "origin": "historic",
            "approved_person_id": None,
            "issuing_unit_id": chance.choice(where.issuers).pk,
            "issued_at": at,
        }
        if order % 3 == 0:
            later = at + timedelta(days=chance.randrange(400))
            old |= {"voided_at": later, "void_reason": chance.choice(("renewed", "revoked"))}
            if old["void_reason"] == "renewed":
                reissue = _reissue(person, "renewal", where.issuers[0], None)
                reissues.append(reissue)
                certificates.append(
                    _row(
                        person,
                        next(keys),
                        origin="reissue",
                        reissue=reissue,
                        replaces_id=key,
                        approved_person_id=None,
                        issuing_unit_id=where.issuers[0].pk,
                        issued_at=later,
                    )
                )
        certificates.append(_row(person, key, **old))
    return own


def _of_a_unit(
    person: dict[str, Any], order: int, unit: Organization, chance: random.Random
) -> SelfIssuedCertificate:
    same = ("name", "sex", "id_kind", "id_number_cipher", "id_number_index", "id_number_masked",
            "work_unit", "qualification", "specialty", "series", "level", "grade",
            "approval_date")  # fmt: skip
    return SelfIssuedCertificate(
        report_id=1,
        unit=unit,
        record_id=1,
        state=chance.choice(("filed", "accepted", "accepted", "accepted", "superseded", "void")),
        number=f"自{order:06d}",
        document_number=f"自〔2024〕{order}号",
        issued_on=chance.choice((None, date(chance.choice(YEARS), 12, 31))),
        **{name: person[name] for name in same},
    )


def _row(person: dict[str, Any], key: int, **other: Any) -> tuple[Any, ...]:
    values: dict[str, Any] = {
        **dict.fromkeys(_CERTIFICATE),
        **{name: person[name] for name in _CERTIFICATE if name in person},
        "id": key,
        "medium": "paper",
        "number": f"N{key:09d}",
        "position": 1,
        "state": "issued",
        "document_number": person["document"].number,
        "approving_department_id": person["document"].approving_department_id,
        "embosser_id": person["document"].approving_department_id,
        "recipient": "",
        "recipient_relation": "",
        "void_reason": "",
        **other,
    }
    return tuple(values[name] for name in _CERTIFICATE)


def _reissue(
    person: dict[str, Any], kind: str, unit: Organization, work_unit: Organization | None
) -> Reissue:
    return Reissue(
        receipt_number=f"B{person['id']}-{kind[:3]}-{random.randrange(10**9)}",  # noqa: S311
        kind=kind,
        source="certificate",
        state="done",
        match="matched",
        unit=unit,
        work_unit_organization=work_unit,
        name=person["name"],
        sex=person["sex"],
        birth_month="1985-02",
        id_kind=person["id_kind"],
        id_number_cipher=b"x",
        id_number_index=b"x",
        id_number_masked="*",
        telephone_cipher=b"x",
        telephone_masked="*",
        old_number="旧",
        work_unit=person["work_unit"],
        specialty="",
        qualification=person["qualification"],
        level=person["level"],
        grade=person["grade"],
        approval_date=person["approval_date"],
        document_number="",
        content_digest=b"x",
        waiting_since=timezone.now(),
    )
