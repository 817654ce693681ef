"""An application as it stands, to be changed in one place and handed to ``actions.amend`` whole."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from zhicheng.audit.recording import recorded
from zhicheng.files.store import Prepared
from zhicheng.organizations.permissions import Action
from zhicheng.protection import reveal
from zhicheng.reissues import actions
from zhicheng.reissues.applicants import By
from zhicheng.reissues.content import Application, Correction, corrections_in
from zhicheng.reissues.models import Field, Reissue


def as_application(reissue: Reissue) -> Application:
    """What was entered, in clear, also the ID number: for an action, never for a page."""
    return Application(
        kind=reissue.kind,
        unit_id=reissue.unit_id,
        name=reissue.name,
        id_number=reveal(bytes(reissue.id_number_cipher)),
        telephone=reveal(bytes(reissue.telephone_cipher)),
        old_number=reissue.old_number,
        sex=reissue.sex,
        birth_month=reissue.birth_month,
        id_kind=reissue.id_kind,
        work_unit=reissue.work_unit,
        specialty=reissue.specialty,
        qualification=reissue.qualification,
        level=reissue.level,
        approval_date=reissue.approval_date,
        document_number=reissue.document_number,
        reason=reissue.reason,
        damaged=reissue.damaged,
        newspaper_name=reissue.newspaper_name,
        newspaper_date=reissue.newspaper_date,
        newspaper_page=reissue.newspaper_page,
        corrections=_corrections(reissue),
    )


def _corrections(reissue: Reissue) -> tuple[Correction, ...]:
    return tuple(
        Correction(
            item.field,
            reveal(bytes(item.new_cipher))
            if item.field == Field.ID_NUMBER and item.new_cipher is not None
            else item.new_text,
        )
        for item in corrections_in(reissue)
    )


def change(actor: By, reissue: Reissue, **changes: Any) -> Reissue:
    """Amends the application in the named fields (those of ``Application``)."""
    return actions.amend(
        actor=actor,
        reissue_id=reissue.pk,
        application=replace(as_application(reissue), **changes),
    )


def correct(actor: By, reissue: Reissue, field: str, new: str) -> Reissue:
    """Adds a corrected field, or changes it."""
    kept = tuple(item for item in _corrections(reissue) if item.field != field)
    return change(actor, reissue, corrections=(*kept, Correction(field, new)))


def leave(actor: By, reissue: Reissue, field: str) -> Reissue:
    """Takes a corrected field out."""
    kept = tuple(item for item in _corrections(reissue) if item.field != field)
    return change(actor, reissue, corrections=kept)


def hand_in(
    actor: By, reissue: Reissue, kind: str, files: Sequence[Prepared], *, field: str = ""
) -> None:
    """Adds the papers, all or none."""
    with recorded(actor, Action.REISSUE_ADD_EVIDENCE):
        for file in files:
            actions.add_evidence(
                actor=actor, reissue_id=reissue.pk, kind=kind, file=file, field=field
            )
