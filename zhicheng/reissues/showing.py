"""What pages show of an application: boxes for papers, the checklist, the path, in people's words.

Reads alone; what is asked for and whose turn it is, ``rules`` says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.files.models import StoredFile
from zhicheng.reissues import rules
from zhicheng.reissues.actions import CHANGEABLE
from zhicheng.reissues.content import corrections_in, papers_of
from zhicheng.reissues.models import Evidence, EvidenceKind, Field, Kind, Reissue, ReissueState
from zhicheng.reissues.queries import Progress
from zhicheng.web.clauses import CLAUSES

DIGEST = 16  # of the SHA-256, enough to hold a file against the slip


@dataclass(frozen=True)
class Paper:
    """A file that was handed in."""

    pk: int
    file: StoredFile
    kind: str
    size: str
    digest: str
    at: Any
    by: str = ""
    url: str = ""
    remove: str = ""


@dataclass(frozen=True)
class Box:
    """A place for papers of one kind; ``field`` for the proofs of a corrected field."""

    key: str
    label: str
    kind: str
    field: str
    needed: bool
    hint: str
    papers: Sequence[Paper]
    clause: str = ""
    url: str = ""


@dataclass(frozen=True)
class Checked:
    """A line of the checklist with its clause in words that a visitor understands."""

    label: str
    clause: str
    ground: str
    mend: str
    done: bool
    stage: str


def checked(item: rules.CheckItem) -> Checked:
    """For a page or a slip."""
    ground = CLAUSES[item.clause].title if item.clause in CLAUSES else ""
    label, mend = _(item.label), _(item.mend) if item.mend else ""
    corrected = item.key.partition("proof.")[2]
    if corrected:
        field = {"field": Field(corrected).label}
        label = _("更正%(field)s的佐证材料") % field
        mend = _("请上传证明%(field)s应予更正的材料。") % field
    return Checked(label, item.clause, ground, mend, item.done, item.stage)


def checklist(reissue: Reissue) -> list[Checked]:
    """Everything that is asked for, done or not."""
    return [checked(item) for item in rules.checklist(papers_of(reissue))]


def size_words(size: int) -> str:
    """A file's size for people."""
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, size // 1024)} KB"


def papers_in(reissue: Reissue) -> list[tuple[Evidence, Paper]]:
    """The papers that stand, oldest first, without their bytes."""
    found = (
        reissue.evidence.filter(removed_at=None)
        .select_related("file", "correction", "added_by")
        .defer("file__content")
        .order_by("id")
    )
    return [(item, _paper(item)) for item in found]


def _paper(item: Evidence) -> Paper:
    kind = str(item.get_kind_display())
    if item.correction is not None:
        kind = _("更正%(field)s的佐证材料") % {"field": item.correction.get_field_display()}
    return Paper(
        item.pk,
        item.file,
        kind,
        size_words(item.file.size),
        item.file.sha256[:DIGEST],
        item.added_at,
        item.added_by.display_name if item.added_by else "",
    )


Links = Callable[..., str]


def boxes(reissue: Reissue, link: Links) -> list[Box]:
    """The places for papers, as the kind and the corrections ask for them (N13, N14).

    ``link`` gives the address of a page of this application by its name.
    """
    made = _boxes(reissue, link)
    return [replace(box, url=link("upload")) for box in made]


def _boxes(reissue: Reissue, link: Links) -> list[Box]:
    changeable = reissue.state in CHANGEABLE
    came = [
        (
            item,
            replace(
                paper,
                url=link("paper", paper.file.token),
                remove=link("remove", paper.pk) if changeable else "",
            ),
        )
        for item, paper in papers_in(reissue)
    ]
    lost = reissue.kind == Kind.REPLACEMENT
    clause = "N13" if lost else "N14"

    def box(
        key: str, label: str, hint: str, kind: str = "", *, field: str = "", needed: bool = True
    ) -> Box:
        mine = [
            paper
            for item, paper in came
            if item.kind == (kind or key)
            and (not field or (item.correction is not None and item.correction.field == field))
        ]
        return Box(key, label, kind or key, field, needed, hint, mine, clause if needed else "")

    found = [
        box(
            EvidenceKind.REVIEW_FORM,
            _("原《专业技术资格申报评审表》复印件"),
            _("须加盖档案管理机构公章。"),
        )
    ]
    if lost:
        hint = _("拍摄或扫描刊登遗失声明的整个版面，报纸名称和日期要看得清。")
        found.append(box(EvidenceKind.NEWSPAPER, _("遗失登报报纸"), hint))
    found += [
        box(
            f"proof-{item.field}",
            _("更正%(field)s的佐证材料") % {"field": item.get_field_display()},
            _("能证明“%(new)s”正确的材料，例如户口簿、身份证、核准文件。") % {"new": item.new_text},
            EvidenceKind.PROOF,
            field=item.field,
        )
        for item in corrections_in(reissue)
    ]
    found.append(box(EvidenceKind.OTHER, _("其他材料"), _("没有则不必上传。"), needed=False))
    return found


@dataclass(frozen=True)
class ShownCorrection:
    """A corrected field: old and new value, ID numbers masked, and its proofs by name."""

    field: str
    label: str
    old: str
    new: str
    proofs: Sequence[str]


def shown_corrections(reissue: Reissue) -> list[ShownCorrection]:
    """In the form's order."""
    names: dict[str, list[str]] = {}
    for item, paper in papers_in(reissue):
        if item.correction is not None:
            names.setdefault(item.correction.field, []).append(paper.file.name)
    return [
        ShownCorrection(
            item.field,
            str(item.get_field_display()),
            item.old_text,
            item.new_text,
            names.get(item.field, []),
        )
        for item in corrections_in(reissue)
    ]


# The way of an application as its holder sees it: no names of people, nothing of the data.
_WAY = (
    (ReissueState.DRAFT, ReissueState.RETURNED),
    (ReissueState.APPLIED,),
    (ReissueState.OPINIONS,),
    (ReissueState.GRANTED,),
    (ReissueState.COLLECTED, ReissueState.MAKING),
    (ReissueState.DONE,),
)
_OVER = (ReissueState.REFUSED, ReissueState.ENDED, ReissueState.CLOSING)


def way(progress: Progress) -> list[dict[str, str]]:
    """Where it is: the steps with done, now and todo; empty when it ended without a certificate."""
    if progress.state in _OVER:
        return []
    labels = (
        _("提交申请"),
        _("受理"),
        _("签署意见"),
        _("领取空白证书"),
        _("填制和签章"),
        _("核发新证书"),
    )
    at = next(place for place, states in enumerate(_WAY) if progress.state in states)
    done = progress.state == ReissueState.DONE
    steps = []
    for place, label in enumerate(labels):
        state = "done" if place < at or done else "now" if place == at else "todo"
        steps.append(
            {"label": label, "state": state, "note": _note(progress) if state == "now" else ""}
        )
    return steps


def _note(progress: Progress) -> str:
    day = timezone.localtime(progress.since).strftime("%Y-%m-%d")
    since = _("自 %(day)s 起") % {"day": day}
    if progress.due is None:
        return f"{progress.at} {since}".strip()
    until = timezone.localtime(progress.due).strftime("%Y-%m-%d")
    due = _("时限 %(day)s") % {"day": until}
    return f"{progress.at} {since} · {due}".strip()
