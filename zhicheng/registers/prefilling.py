"""The template with what is known filled in: unit, people of approval documents, numbers (A1)."""

import hashlib
from collections.abc import Sequence

from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson
from zhicheng.audit.recording import recorded, retrying
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.protection import reveal
from zhicheng.reference.catalog import load_catalog
from zhicheng.registers.listed import documents_for, require_open, waiting_people
from zhicheng.registers.numbering.models import NumberPurpose
from zhicheng.registers.numbering.taking import required_rule, take
from zhicheng.registers.routing import route
from zhicheng.registers.template_book import template_book
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers

LONGEST_REASON = 100


def empty_template(unit: Organization, year: int) -> bytes:
    """The form with the unit's name and its documents to choose from."""
    return template_book(
        unit=unit.name,
        department=_department(unit),
        year=year,
        documents=_documents(unit),
        qualifications=qualification_names(),
    )


@retrying
def prefilled_template(
    *,
    actor: Actor,
    unit: Organization,
    document_ids: Sequence[int],
    year: int,
    whole_numbers: bool = False,
    reason: str = "",
    with_numbers: bool = False,
) -> bytes:
    """The form with the people of these documents who stand on no register yet.

    Whole ID numbers only with a ``reason``, and then on record; otherwise the column stays
    empty, because a masked number is no number. Certificate numbers given here are settled: the
    file is out of the house. Raises NotPermitted or Refusal.
    """
    require(actor, Action.REGISTER_MAKE, unit)
    require_open(ApprovalDocument.objects.filter(pk__in=document_ids).defer("scan").order_by("pk"))
    with recorded(actor, Action.LIST_EXPORT) as record:
        people = list(waiting_people(unit, document_ids))
        if not people:
            raise Refusal(
                "register.nobody_listed",
                "所选核准文件中没有本单位尚未登记的人员。",
                clause="N2",
                found="0 人",
                expected="核准文件列在本单位名下、还不在登记表上的人员",
                mend="请改选核准文件，或下载空白模板。",
            )
        if whole_numbers:
            told = _require_reason(actor, unit, reason)
            record(
                subject=unit,
                data={"purpose": "template", "reason": told, "count": len(people)},
                rows=ApprovedPerson._meta.label_lower,
                ids=[person.pk for person in people],
                tag=Action.PERSON_UNMASK,
            )
        numbers = [""] * len(people)
        if with_numbers:
            numbers = _numbers(actor, unit, year, people)
            record(
                subject=unit,
                data={"count": len(numbers), "first": numbers[0], "last": numbers[-1]},
                tag=Action.NUMBERS_ASSIGN,
            )
        content = template_book(
            unit=unit.name,
            department=_department(unit),
            year=year,
            documents=_documents(unit),
            qualifications=qualification_names(),
            rows=[
                _cells(person, number, department=_filed_with(unit), whole=whole_numbers)
                for person, number in zip(people, numbers, strict=True)
            ],
            filler=actor.display_name if isinstance(actor, Account) else "",
            telephone=actor.telephone if isinstance(actor, Account) else "",
        )
        record(
            subject=unit,
            data={
                "list": "template",
                "documents": sorted({person.document.number for person in people}),
                "count": len(people),
                "id_numbers": "whole" if whole_numbers else "",
                "sha256": hashlib.sha256(content).hexdigest(),
            },
        )
    return content


def _require_reason(actor: Actor, unit: Organization, reason: str) -> str:
    require(actor, Action.PERSON_UNMASK, unit)
    told = hide_id_numbers(reason.strip())[:LONGEST_REASON]
    if not told:
        raise Refusal(
            "unmask.purpose_missing",
            "预填完整身份证号码须写明用途。",
            clause="N18",
            expected="写明用途，例如：填报2026年度登记表",
            mend="请填写用途，或不预填身份证号码。",
        )
    return told


def _numbers(
    actor: Actor, unit: Organization, year: int, people: Sequence[ApprovedPerson]
) -> list[str]:
    issuing = route(unit).issuing_unit
    rule = required_rule(issuing)
    region = next(
        (one.region.code for one in (unit, issuing) if one.region and one.region.code), ""
    )
    places = [
        rule.place(
            person.grade,
            approved_in=person.approval_date.year,
            registered_in=year,
            region=region,
        )
        for person in people
    ]
    return take(rule, places, actor=actor, purpose=NumberPurpose.TEMPLATE).numbers


def _cells(person: ApprovedPerson, number: str, *, department: str, whole: bool) -> list[str]:
    return [
        number,
        person.work_unit,
        department,
        person.name,
        person.sex,
        reveal(bytes(person.id_number_cipher)) if whole else "",
        person.specialty,
        person.qualification,
        person.approval_date.isoformat(),
        person.document.number,
    ]


def _department(unit: Organization) -> str:
    return unit.supervisor.name if unit.supervisor and not unit.has_authority else ""


def _filed_with(unit: Organization) -> str:
    return _department(unit) or unit.name


def _documents(unit: Organization) -> list[str]:
    return [listed.document.number for listed in documents_for(unit) if not listed.closed]


def qualification_names() -> list[str]:
    """The qualification names that are given today, in the catalogue's order."""
    titles = load_catalog().titles
    return list(dict.fromkeys(title.name for title in titles if not title.before_reform))
