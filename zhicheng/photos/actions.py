"""Photos are added and removed; nothing is ever overwritten (N8, N18)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.files.store import Prepared, store_all
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.photos import rules
from zhicheng.photos.models import Photo
from zhicheng.photos.queries import photos_for
from zhicheng.registers.models import Register, RegisterRow
from zhicheng.values.refusal import Conflict, Refusal
from zhicheng.values.text import hide_id_numbers

TABLE = "photos_photo"


@dataclass(frozen=True)
class Addition:
    """A prepared picture for the person of a row."""

    row_id: int
    picture: Prepared


@retrying
def add(*, actor: Account, register_id: int, additions: Sequence[Addition]) -> list[Photo]:
    """Keeps the photos of people on a register; all of them, or none.

    From now on they count in place of older ones, which stay. Raises Refusal for a row that
    isn't on the register or has no valid ID number.
    """
    with recorded(actor, Action.PHOTO_ADD) as record:
        register = Register.objects.defer("source").get(pk=register_id)
        require(actor, Action.PHOTO_ADD, register)
        rows = {
            row.pk: row
            for row in RegisterRow.objects.filter(
                register=register, pk__in=[each.row_id for each in additions]
            )
        }
        for each in additions:
            row = rows.get(each.row_id)
            if row is None:
                raise Refusal("photo.row", "该人员不在这份登记表上。", mend="请刷新页面后重试。")
            if row.id_number_index is None:
                raise Refusal(
                    "photo.no_id_number",
                    f"序号 {row.position} 没有有效的身份证号码，照片不知属于谁，没有保存。",
                    mend="请先在登记表上更正身份证号码。",
                )
        if not additions:
            raise Refusal("photo.none", "没有可以保存的照片。", mend="请重新选择文件。")
        files = store_all([each.picture for each in additions], account_id=actor.pk)
        photos = Photo.objects.bulk_create(
            Photo(
                id_number_index=bytes(rows[each.row_id].id_number_index or b""),
                id_number_masked=rows[each.row_id].id_number_masked,
                name=rows[each.row_id].name,
                file=file,
                register=register,
                uploaded_by=actor,
            )
            for each, file in zip(additions, files, strict=True)
        )
        record(
            subject=register,
            data={"photos": len(photos), "files": [file.kept_sha256 for file in files]},
            rows=TABLE,
            ids=[photo.pk for photo in photos],
        )
    return photos


@retrying
def remove(*, actor: Account, register_id: int, row_id: int, photo_id: int, reason: str) -> Photo:
    """Takes a person's photo out of use; an older one that wasn't removed counts again.

    ``photo_id`` is the one that was seen. Raises Conflict when another counts by now.
    """
    with recorded(actor, Action.PHOTO_REMOVE) as record:
        register = Register.objects.defer("source").get(pk=register_id)
        require(actor, Action.PHOTO_REMOVE, register)
        text = hide_id_numbers(rules.require_reason(reason))
        row = RegisterRow.objects.filter(register=register, pk=row_id).first()
        photo = photos_for(row).select_for_update().filter(removed_at=None).first() if row else None
        if photo is None or photo.pk != photo_id:
            raise Conflict(
                "photo.changed",
                "这张照片已被移除或更换。",
                mend="请刷新页面后再办理。",
            )
        photo.removed_at, photo.removed_by, photo.removal_reason = timezone.now(), actor, text
        photo.save(update_fields=["removed_at", "removed_by", "removal_reason"])
        record(subject=register, data={"reason": text}, rows=TABLE, ids=[photo.pk])
    return photo
