"""Every change of a layout: drafted, saved, put in use, discarded (N8, N18)."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.documents.layout import content_of, layout_of, parse_layout
from zhicheng.files import store
from zhicheng.files.models import StoredFile
from zhicheng.layouts import rules
from zhicheng.layouts.lifecycle import LAYOUT
from zhicheng.layouts.models import LayoutState, LayoutVersion
from zhicheng.layouts.queries import layout_for
from zhicheng.organizations.guard import Actor, account_of, require
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.values.refusal import Conflict, Refusal
from zhicheng.values.text import hide_id_numbers

LAYOUTS_LOCK = 0x7A63_4C59  # one new version at a time


@retrying
def start_draft(
    *, actor: Actor, grade: str, year: int, text: str = "", source: str = "", note: str = ""
) -> LayoutVersion:
    """A draft for the blanks of a grade and year.

    It begins as the TOML ``text`` (from a file called ``source``), else as the layout that those
    blanks are printed with now. Raises Conflict when there is a draft already.
    """
    with recorded(actor, Action.LAYOUT_DRAFT) as record:
        require(actor, Action.LAYOUT_DRAFT)
        if grade not in Grade.values:
            raise Refusal("layout.grade", "没有这个等级。", expected="、".join(Grade.values))
        rules.require_year(year, timezone.localdate().year)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LAYOUTS_LOCK])
        same = LayoutVersion.objects.filter(grade=grade, year=year)
        draft = same.filter(state=LayoutState.DRAFT).first()
        if draft is not None:
            conflict = Conflict(
                "layout.draft_exists",
                "这一等级、年度的版式已有草稿。",
                found=str(draft),
                expected="一个等级、年度同时只有一个草稿",
                mend="请在已有的草稿上修改，或先放弃它。",
            )
            conflict.link = (draft.get_absolute_url(), str(draft))
            raise conflict
        before = layout_for(grade, year)
        layout = parse_layout(text, grade, source) if text else before.layout
        picture = None
        if not text and before.version_id is not None:
            picture = LayoutVersion.objects.values_list("background", flat=True).get(
                pk=before.version_id
            )
        account = account_of(actor)
        last = same.order_by("-number").values_list("number", flat=True).first() or 0
        version = LayoutVersion.objects.create(
            grade=grade,
            year=year,
            number=last + 1,
            content=content_of(layout),
            background_id=picture,
            note=hide_id_numbers(note.strip())[:200],
            editors=[account.pk] if account else [],
            drafted_by=account,
            changed_at=timezone.now(),
            changed_by=account,
        )
        record(
            subject=version,
            data={"layout": version.code, "from": source or before.label, "step": "start"},
        )
    return version


@retrying
def save_draft(
    *,
    actor: Actor,
    version_id: int,
    revision: int,
    content: Mapping[str, Any] | None = None,
    text: str = "",
    source: str = "",
    note: str | None = None,
) -> LayoutVersion:
    """Saves a draft: ``content`` as the editor sends it, or a TOML ``text``.

    ``revision`` is the one that the writer saw; raises Conflict when it was saved since.
    """
    with recorded(actor, Action.LAYOUT_DRAFT) as record:
        require(actor, Action.LAYOUT_DRAFT)
        version = _locked(version_id, revision, Action.LAYOUT_DRAFT)
        before = version.layout
        if text:
            after = parse_layout(text, version.grade, source)
        else:
            after = layout_of(content or version.content, version.grade)
        version.content = content_of(after)
        if note is not None:
            version.note = hide_id_numbers(note.strip())[:200]
        _touch(version, actor)
        version.save()
        changes = rules.compare(before, after)
        record(
            subject=version,
            data={
                "layout": version.code,
                "revision": version.revision,
                "changes": rules.told(changes),
            },
        )
    return version


@retrying
def set_background(
    *, actor: Actor, version_id: int, revision: int, picture: store.Prepared | None
) -> LayoutVersion:
    """Lays the scan of a real blank under a draft, or takes it away. It is never printed."""
    with recorded(actor, Action.LAYOUT_DRAFT) as record:
        require(actor, Action.LAYOUT_DRAFT)
        version = _locked(version_id, revision, Action.LAYOUT_DRAFT)
        account = account_of(actor)
        kept: StoredFile | None = None
        if picture is not None:
            kept = store.store(picture, account_id=account.pk if account else None)
        version.background = kept
        _touch(version, actor)
        version.save()
        record(
            subject=version,
            data={
                "layout": version.code,
                "revision": version.revision,
                "background": store.told(kept) if kept else None,
            },
        )
    return version


@retrying
def put_in_use(*, actor: Actor, version_id: int, revision: int) -> LayoutVersion:
    """From now on the blanks of its grade and year are printed with it; it never changes again.

    The version in use before is succeeded. Whoever had a hand in the draft can't do it (N18).
    """
    with recorded(actor, Action.LAYOUT_PUT_IN_USE) as record:
        require(actor, Action.LAYOUT_PUT_IN_USE)
        version = _locked(version_id, revision, Action.LAYOUT_PUT_IN_USE)
        account = account_of(actor)
        rules.require_second_person(version.editors, account.pk if account else None)
        rules.require_usable(version.layout)
        now = timezone.now()
        before = (
            LayoutVersion.objects.select_for_update()
            .filter(grade=version.grade, year=version.year, state=LayoutState.IN_USE)
            .first()
        )
        if before is not None:
            before.state = LayoutState.SUCCEEDED
            before.ended_at, before.ended_by = now, account
            before.save()
        version.state = LayoutState.IN_USE
        version.put_in_use_at, version.put_in_use_by = now, account
        version.save()
        record(
            subject=version,
            data={
                "layout": version.code,
                "succeeds": before.code if before else "",
                "sha256": digest(version),
            },
        )
    return version


@retrying
def discard_draft(*, actor: Actor, version_id: int, revision: int) -> LayoutVersion:
    """Gives a draft up; its number stays taken."""
    with recorded(actor, Action.LAYOUT_DISCARD) as record:
        require(actor, Action.LAYOUT_DISCARD)
        version = _locked(version_id, revision, Action.LAYOUT_DISCARD)
        version.state = LayoutState.DISCARDED
        version.ended_at, version.ended_by = timezone.now(), account_of(actor)
        version.save()
        record(subject=version, data={"layout": version.code})
    return version


def digest(version: LayoutVersion) -> str:
    """SHA-256 of what the version prints."""
    text = json.dumps(version.content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _locked(version_id: int, revision: int, action: Action) -> LayoutVersion:
    version = (
        LayoutVersion.objects.select_for_update(of=("self",))
        .select_related("changed_by")
        .filter(pk=version_id)
        .first()
    )
    if version is None:
        raise Refusal("layout.unknown", "没有这个套打版式。", found=str(version_id))
    LAYOUT.target(action, version.state)
    rules.require_revision(
        version.revision,
        revision,
        who=version.changed_by.display_name if version.changed_by else "系统",
        when=timezone.localtime(version.changed_at).strftime("%H:%M:%S"),
    )
    return version


def _touch(version: LayoutVersion, actor: Actor) -> None:
    account = account_of(actor)
    version.revision += 1
    version.changed_at, version.changed_by = timezone.now(), account
    if account is not None and account.pk not in version.editors:
        version.editors = [*version.editors, account.pk]
