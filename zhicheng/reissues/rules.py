"""What the notice asks of an application: papers, opinions and their order, numbers; pure.

N10: 附件2 in duplicate with its five boxes; N11: a blank only when all is there; N13 and N14: the
papers of a replacement and of a renewal.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from unicodedata import digit

from zhicheng.registers.numbering.rules import check_character
from zhicheng.reissues.rules_papers import (
    COPIES,
    FIELD_LABELS,
    RENEWAL,
    REPLACEMENT,
    STAGES,
    CheckItem,
    CorrectionFact,
    Papers,
    checklist,
    missing,
    require_complete,
)
from zhicheng.values.refusal import Conflict, NotPermitted, Refusal

# The rules of the papers are read from here as well.
__all__ = [
    "COPIES",
    "FIELD_LABELS",
    "RENEWAL",
    "REPLACEMENT",
    "STAGES",
    "CheckItem",
    "CorrectionFact",
    "Papers",
    "checklist",
    "missing",
    "require_complete",
]

APPLICANT, WORK_UNIT, DISTRICT, DEPARTMENT, APPROVING = LEVELS = (
    "applicant",
    "work_unit",
    "district",
    "department",
    "approving",
)
LEVEL_LABELS: Mapping[str, str] = {
    APPLICANT: "申请人签字",
    WORK_UNIT: "工作单位意见",
    DISTRICT: "区县人才机构或区县主管部门意见",
    DEPARTMENT: "区县职改办或市级主管部门意见",
    APPROVING: "资格核准部门意见",
}

# The receipt number.

_PREFIX = {REPLACEMENT: "BH", RENEWAL: "HF"}


def receipt_number(kind: str, year: int, order: int) -> str:
    """``BH2026-482915067-0``: replacement or renewal, year, nine digits, check character.

    With the ID number it opens the application, so ``order`` comes from chance: whoever knows an
    ID number (it stands on a lost certificate) must not find the receipt number by counting.
    """
    body = f"{_PREFIX[kind]}{year}-{order:06d}"
    return f"{body}-{check_character('mod_37_36', body)}"


def tidy_receipt(text: str) -> str:
    """A receipt number as people type it: spaces, small letters, wide characters, no hyphens.

    Raises Refusal when it isn't one, so that a typing error is told apart from an unknown number.
    """
    plain = "".join(
        chr(ord(char) - 0xFEE0) if 0xFF01 <= ord(char) <= 0xFF5E else char for char in text
    ).upper()
    plain = "".join(char for char in plain if char.isascii() and char.isalnum())
    body = f"{plain[:6]}-{plain[6:-1]}"
    good = (
        len(plain) >= 13
        and plain[:2] in _PREFIX.values()
        and plain[2:-1].isdigit()
        and check_character("mod_37_36", body) == plain[-1]
    )
    if not good:
        raise Refusal(
            "reissue.receipt_malformed",
            "受理号有误，请核对后重新输入。",
            clause="N10",
            expected="例如 BH2026-482915067-0，末位为校验码",
        )
    return f"{body}-{plain[-1]}"


# The path of the opinions.


@dataclass(frozen=True)
class Unit:
    """An organisation as the path needs it; ``id`` None: not on file, its name only."""

    id: int | None
    name: str
    kind: str = ""


@dataclass(frozen=True)
class PathStep:
    """A box of the form: whose opinion it is, or why it is left out (``skipped``)."""

    level: str
    organization: int | None = None
    name: str = ""
    skipped: str = ""

    @property
    def label(self) -> str:
        """The box's words."""
        return LEVEL_LABELS[self.level]

    def as_dict(self) -> dict[str, object]:
        """For the application's ``path``."""
        return {
            "level": self.level,
            "organization": self.organization,
            "name": self.name,
            "skipped": self.skipped,
        }


def opinion_path(
    handler: Unit, work_unit: Unit, approving: Unit | None, *, above: Unit | None = None
) -> tuple[PathStep, ...]:
    """Which of the five opinions a holder's application needs, in the form's order (N3, N10).

    ``handler`` is the unit that takes the application, ``above`` the department above it.

    - Through a district office: all five.
    - Through a municipal department: nobody in a district stands between; a holder who works in
      the department itself has one opinion of it, as the department.
    - Through a large enterprise: no district either. For people of a subsidiary the enterprise
      stands where the department does; for its own people it is the work unit, and the box of the
      department is its municipal department's, or nobody's where it has none.
    """
    own = handler.id is not None and work_unit.id == handler.id
    steps = [PathStep(APPLICANT)]
    if handler.kind == "large_enterprise":
        steps.append(PathStep(WORK_UNIT, work_unit.id, work_unit.name))
        steps.append(PathStep(DISTRICT, skipped="大型企事业单位直接办理，不经区县"))
        if not own:
            steps.append(PathStep(DEPARTMENT, handler.id, handler.name))
        elif above is not None:
            steps.append(PathStep(DEPARTMENT, above.id, above.name))
        else:
            steps.append(PathStep(DEPARTMENT, skipped="大型企事业单位自主管理，没有上级主管部门"))
    else:
        if own:
            steps.append(PathStep(WORK_UNIT, skipped="工作单位就是办理单位，意见签在其办理一栏"))
        else:
            steps.append(PathStep(WORK_UNIT, work_unit.id, work_unit.name))
        if handler.kind == "district_office":
            steps.append(PathStep(DISTRICT, None, "区县人才机构或区县主管部门"))
        else:
            steps.append(PathStep(DISTRICT, skipped="市级主管部门直接办理，不经区县"))
        steps.append(PathStep(DEPARTMENT, handler.id, handler.name))
    last = PathStep(APPROVING, approving.id, approving.name) if approving else PathStep(APPROVING)
    return (*steps, last)


def required_levels(path: Sequence[PathStep]) -> list[str]:
    """The levels that aren't skipped."""
    return [step.level for step in path if not step.skipped]


def next_level(required: Sequence[str], agreed: Sequence[str]) -> str | None:
    """Whose turn it is; None when every level has agreed to the present content."""
    return next((level for level in required if level not in agreed), None)


def require_turn(
    level: str, *, required: Sequence[str], agreed: Sequence[str], skipped: Mapping[str, str]
) -> None:
    """Refuses an opinion that isn't on the path, was given, or comes before an earlier one."""
    if level not in required:
        raise Refusal(
            "reissue.level_skipped",
            "这份申请的流程中没有这一级意见。",
            clause="N10",
            found=LEVEL_LABELS.get(level, level),
            expected="、".join(LEVEL_LABELS[item] for item in required),
            mend=skipped.get(level, ""),
        )
    turn = next_level(required, agreed)
    if turn == level:
        return
    if level in agreed:
        raise Conflict(
            "reissue.level_agreed",
            "这一级意见已经签署。",
            clause="N10",
            found=f"{LEVEL_LABELS[level]}已同意",
            expected=LEVEL_LABELS[turn] if turn else "意见已齐全",
            mend="请刷新页面。",
        )
    raise Refusal(
        "reissue.opinions_out_of_order",
        "意见须按申请表的顺序签署，前面的意见还没有签署。",
        clause="N10",
        found=LEVEL_LABELS[level],
        expected=LEVEL_LABELS[turn] if turn else "",
        mend="请先完成前面的意见。",
    )


def require_organization(step: PathStep, organization: int | None, name: str) -> None:
    """Refuses an opinion of an organisation that isn't this level's (the wrong path)."""
    if step.organization is None or step.organization != organization:
        raise NotPermitted(
            "reissue.wrong_path",
            "这一级意见不由您所在的单位签署。",
            clause="N10",
            found=name,
            expected=step.name or f"{step.label}：由办理单位按纸质签章登记",
            mend="请由流程中规定的单位签署，或由办理单位按纸质签章登记。",
        )


def require_granted(papers: Papers, *, required: Sequence[str], agreed: Sequence[str]) -> None:
    """签章完备: refuses a blank before every opinion and every paper is there (N11)."""
    open_levels = [level for level in required if level not in agreed]
    if open_levels or not required:
        raise Refusal(
            "reissue.opinions_missing",
            "申请表签章不完备，不能领取空白证书。",
            clause="N11",
            found="缺" + "、".join(LEVEL_LABELS[level] for level in open_levels or LEVELS),
            expected="签章完备的申请表和佐证材料",
            mend="请先完成各级意见。",
        )
    require_complete(papers, "blank")


# The old certificate and the data.


@dataclass(frozen=True)
class OldCertificate:
    """What is known of the certificate that an application is about."""

    number: str
    state_label: str
    issued: bool
    void: bool
    electronic: bool
    self_managed: bool = False
    applied_for: bool = False
    historic: bool = False


def require_replaceable(old: OldCertificate) -> None:
    """Refuses what can't be replaced: not issued, void, electronic, or applied for already."""
    if old.self_managed:
        raise Refusal(
            "reissue.self_managed",
            "该资格由自主评审单位自主发文公布、自主印制证书，请向原单位申请。",
            clause="N16",
            found=old.number,
            expected="全市统一的职称证书",
        )
    if old.electronic and not old.void:
        raise Refusal(
            "reissue.electronic",
            "该证书已生成电子证书，不补办、换发纸质证书。"
            if old.historic
            else "该证书是线上评审生成的电子证书，不补办、换发纸质证书。",
            clause="N17",
            found=f"{old.number}（电子证书）",
            expected="纸质证书",
            mend="电子证书可以重新下载；信息有误的，请市职改办撤销制发有误的电子证书后再申请换发。"
            if old.historic
            else "电子证书可以重新下载；信息有误的请按线上系统的规定办理。",
        )
    if old.void:
        raise Refusal(
            "reissue.old_is_void",
            "原证书已经作废，不能再次补办、换发。",
            clause="N12",
            found=f"{old.number} {old.state_label}",
            expected="有效的证书",
            mend="请用现在有效的新证书的编号申请。",
        )
    if not old.issued:
        raise Refusal(
            "reissue.old_not_issued",
            "该证书还没有发放，不能补办、换发。",
            clause="N10",
            found=f"{old.number}（{old.state_label}）",
            expected="已发放的证书",
            mend="请向办理单位领取证书。",
        )
    if old.applied_for:
        raise second_application(old.number)


def second_application(number: str) -> Conflict:
    """The refusal; it never tells the other one's receipt number, which would open it."""
    return Conflict(
        "reissue.second_application",
        "该证书已有一份在办的申请，不能重复申请。",
        clause="N10",
        found=f"{number} 在办",
        expected="同一证书只有一份在办的申请",
        mend="请凭受理号查询该申请的进度，或先撤回它；不知道受理号的，请向办理单位查询。",
    )


def require_unit(*, name: str, kind_label: str, issues: bool, in_force: bool) -> None:
    """Refuses a unit that doesn't collect, handle and issue certificates (the wrong path)."""
    if not issues or not in_force:
        raise Refusal(
            "reissue.wrong_unit",
            "补办、换发由区县职改办、市级主管部门或大型企事业单位受理。",
            clause="N10",
            found=f"{name}（{kind_label}{'' if in_force else '，已停用'}）",
            expected="在用的区县职改办、市级主管部门或大型企事业单位",
            mend="请选择您所在区县、主管部门或企业。",
        )


def content_digest(content: Mapping[str, str], corrections: Mapping[str, str]) -> bytes:
    """32 bytes over what an opinion agrees to: the form's data and the corrections.

    ID numbers enter as their keyed index (hex), never in clear.
    """
    plain = json.dumps([sorted(content.items()), sorted(corrections.items())], ensure_ascii=False)
    return hashlib.sha256(plain.encode("utf-8")).digest()


def same_telephone(given: str, kept: str) -> bool:
    """Whether two ways of writing are one number: widths, spaces, dashes, the country's code."""
    first, second = _digits(given), _digits(kept)
    return bool(first) and hmac.compare_digest(first, second)


def _digits(text: str) -> str:
    digits = "".join(str(digit(char)) for char in text if char.isdigit())
    return re.sub(r"^(?:00)?86(?=1\d{10}$)", "", digits)


def mask_telephone(text: str) -> str:
    """A telephone number as it may be shown: ``138****1234``."""
    if len(text) < 7:
        return "*" * len(text)
    return text[:3] + "*" * (len(text) - 7) + text[-4:]
