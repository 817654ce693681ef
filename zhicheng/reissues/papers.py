"""The papers of an application from what stands in the database: 附件2 and the slip (A2, N10)."""

from datetime import date
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.utils import timezone

from zhicheng.audit.recording import recorded
from zhicheng.documents import reissue_form, reissue_receipt
from zhicheng.documents.reissue_form import Correction, Opinion, ReissueForm
from zhicheng.documents.reissue_receipt import HandedIn, Missing, Receipt
from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.protection import reveal
from zhicheng.reissues.actions_opinions import steps_of
from zhicheng.reissues.applicants import By
from zhicheng.reissues.models import Decision, Kind, OpinionLevel, Reissue
from zhicheng.reissues.showing import checklist, papers_in, shown_corrections
from zhicheng.web.language import in_chinese

STAGES_OF_THE_SLIP = ("submit", "accept")
BOXES = (
    OpinionLevel.WORK_UNIT,
    OpinionLevel.DISTRICT,
    OpinionLevel.DEPARTMENT,
    OpinionLevel.APPROVING,
)


def answer(content: bytes, name: str, *, inline: bool = False) -> HttpResponse:
    """A PDF as a download, or shown by the browser."""
    sent = HttpResponse(content, content_type="application/pdf")
    shown = "inline" if inline else "attachment"
    sent["Content-Disposition"] = f"{shown}; filename*=UTF-8''{quote(name)}.pdf"
    sent["Cache-Control"] = "no-store"
    return sent


def code_of(reissue: Reissue, address: str) -> str:
    """The text of the QR code: the page of progress with the receipt number, nothing else."""
    return f"{address}?number={quote(reissue.receipt_number)}"


@in_chinese
def empty_form() -> bytes:
    """附件2 to be filled in by hand, in duplicate."""
    return reissue_form.render(ReissueForm(), created=timezone.localdate())


@in_chinese
def form_of(actor: By, reissue: Reissue, address: str) -> bytes:
    """附件2 in duplicate, with the opinions given so far.

    The whole ID number stands on it for the holder and for accounts that may see it, whose look
    is an audit event; others get it masked.
    """
    number = reissue.id_number_masked
    if not isinstance(actor, Account):
        number = reveal(bytes(reissue.id_number_cipher))
    elif may(actor, Action.PERSON_UNMASK, reissue):
        with recorded(actor, Action.PERSON_UNMASK) as record:
            record(subject=reissue, data={"purpose": "reissue_form"})
        number = reveal(bytes(reissue.id_number_cipher))
    telephone = reissue.telephone_masked
    if number != reissue.id_number_masked:
        telephone = reveal(bytes(reissue.telephone_cipher))
    return reissue_form.render(
        ReissueForm(
            name=reissue.name,
            sex=reissue.sex,
            birth=_month(reissue.birth_month),
            id_number=number,
            telephone=telephone,
            replacement=reissue.kind == Kind.REPLACEMENT,
            renewal=reissue.kind == Kind.RENEWAL,
            newspaper=newspaper(reissue),
            old_number=reissue.old_number,
            new_number=reissue.new_number or "",
            specialty=reissue.specialty,
            qualification=reissue.qualification,
            approval_date=day_words(reissue.approval_date),
            document_number=reissue.document_number,
            applied=reissue.signed_on,
            opinions=_opinions(reissue),
            corrections=[
                Correction(item.label, item.old, item.new, "、".join(item.proofs))
                for item in shown_corrections(reissue)
            ],
            number=reissue.receipt_number,
            code=code_of(reissue, address),
        ),
        created=timezone.localdate(),
    )


def _opinions(reissue: Reissue) -> list[Opinion]:
    """The four boxes: what was agreed to about the present content, or why a level is left out."""
    given = {
        item.level: item
        for item in reissue.opinions.filter(
            decision=Decision.AGREE, content_digest=bytes(reissue.content_digest)
        ).select_related("organization", "recorded_by")
    }
    steps = {step.level: step for step in steps_of(reissue)}
    found = []
    for level in BOXES:
        step, opinion = steps[level], given.get(level)
        if step.skipped:
            found.append(Opinion(skipped=step.skipped))
        elif opinion is None:
            found.append(Opinion())
        else:
            place = opinion.organization.name if opinion.organization else step.name
            found.append(
                Opinion(
                    opinion.text or str(opinion.get_decision_display()),
                    place,
                    "（按纸质签章登记）"
                    if opinion.from_paper
                    else opinion.recorded_by.display_name,
                    opinion.given_on,
                )
            )
    return found


@in_chinese
def receipt_of(reissue: Reissue, address: str) -> bytes:
    """受理回执: what came, what is missing, where to ask."""
    day = reissue.submitted_at or reissue.created_at
    return reissue_receipt.render(
        Receipt(
            number=reissue.receipt_number,
            day=timezone.localdate(day),
            kind=str(reissue.get_kind_display()),
            name=reissue.name,
            id_number_masked=reissue.id_number_masked,
            old_number=reissue.old_number,
            unit=reissue.unit.name,
            handed_in=[
                HandedIn(paper.kind, paper.file.name, paper.size, paper.digest)
                for _item, paper in papers_in(reissue)
            ],
            missing=[
                Missing(item.label, item.ground)
                for item in checklist(reissue)
                if not item.done and item.stage in STAGES_OF_THE_SLIP
            ],
            address=address,
            code=code_of(reissue, address),
        ),
        created=timezone.localdate(),
    )


def newspaper(reissue: Reissue) -> str:
    """遗失登报报纸名称及时间 in one line."""
    if not reissue.newspaper_name:
        return ""
    name = reissue.newspaper_name
    named = name if name.startswith("《") else f"《{name}》"
    parts = [named, day_words(reissue.newspaper_date), _print_page(reissue.newspaper_page)]
    return " ".join(part for part in parts if part)


def _print_page(text: str) -> str:
    return f"第{text}版" if text and text.isdecimal() else text


def day_words(day: date | None) -> str:
    """A day as the form writes it."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def _month(text: str) -> str:
    year, _dash, month = text.partition("-")
    return f"{year}年{int(month)}月" if month.isdecimal() else text


def facts_of(reissue: Reissue) -> dict[str, Any]:
    """The form's fields for a page, with the ID number masked."""
    return {
        "birth": _month(reissue.birth_month),
        "newspaper": newspaper(reissue),
        "approval_date": day_words(reissue.approval_date),
    }
