"""Which papers the clauses ask for, and what is missing of them; pure (N10, N13, N14)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from zhicheng.values.refusal import Refusal
from zhicheng.values.text import shown

COPIES = 2  # 一式两份
REPLACEMENT, RENEWAL = "replacement", "renewal"
FIELD_LABELS: Mapping[str, str] = {
    "name": "姓名",
    "sex": "性别",
    "id_number": "身份证号码",
    "work_unit": "工作单位",
    "specialty": "专业名称",
    "qualification": "资格名称",
    "approval_date": "批准时间",
    "document_number": "批准文号",
}


@dataclass(frozen=True)
class CorrectionFact:
    """A corrected field, and how many proofs were handed in for it."""

    field: str
    proofs: int


@dataclass(frozen=True)
class Papers:
    """Everything that completeness asks about."""

    kind: str
    review_forms: int = 0
    newspapers: int = 0
    newspaper_name: str = ""
    newspaper_date: date | None = None
    corrections: tuple[CorrectionFact, ...] = ()
    damaged: bool = False
    handed_in: bool = False
    signed_on: date | None = None
    copies: int = 0
    matched: bool = True
    approving_known: bool = True


@dataclass(frozen=True)
class CheckItem:
    """A line of the checklist.

    ``stage`` says when it is asked for: "submit" (by the applicant), "accept" (with the signed
    form) or "blank" (before a blank is handed out).
    """

    key: str
    clause: str
    label: str
    done: bool
    stage: str
    mend: str = ""


STAGES = ("submit", "accept", "blank")


def checklist(papers: Papers) -> list[CheckItem]:
    """Every paper that the clauses ask for, done or not, in the order of their asking."""
    clause = "N13" if papers.kind == REPLACEMENT else "N14"
    items = [
        CheckItem(
            "review_form",
            clause,
            shown("原《专业技术资格申报评审表》复印件（加盖档案管理机构公章）"),
            papers.review_forms > 0,
            "submit",
            shown("请上传加盖档案管理机构公章的评审表复印件。"),
        )
    ]
    if papers.kind == REPLACEMENT:
        items += _of_the_loss(papers)
    else:
        items += _of_the_corrections(papers)
    items += [
        CheckItem(
            "signed",
            "N10",
            shown("申请人在申请表上签字"),
            papers.signed_on is not None,
            "accept",
            shown("请打印申请表，由申请人签字后提交。"),
        ),
        CheckItem(
            "copies",
            "N10",
            shown("申请表一式两份"),
            papers.copies >= COPIES,
            "accept",
            shown("请提交签字的申请表一式两份。"),
        ),
    ]
    if papers.kind == RENEWAL:
        items.append(
            CheckItem(
                "handed_in",
                "N14",
                shown("交回原证书"),
                papers.handed_in,
                "blank",
                shown("请收回原证书并登记。"),
            )
        )
    return [
        *items,
        CheckItem(
            "match",
            "N6",
            shown("原证书信息与任职资格核准文件一致，或经市职改办认定"),
            papers.matched,
            "blank",
            shown("请市职改办认定原证书信息。"),
        ),
        CheckItem(
            "approving",
            "N10",
            shown("资格核准部门已确定，且未撤销"),
            papers.approving_known,
            "blank",
            shown("请市职改办认定资格核准部门。"),
        ),
    ]


def _of_the_loss(papers: Papers) -> list[CheckItem]:
    return [
        CheckItem(
            "newspaper",
            "N13",
            shown("遗失登报报纸"),
            papers.newspapers > 0,
            "submit",
            shown("请上传刊登遗失声明的报纸版面。"),
        ),
        CheckItem(
            "newspaper_name",
            "N13",
            shown("遗失登报报纸名称"),
            bool(papers.newspaper_name),
            "submit",
            shown("请填写报纸名称。"),
        ),
        CheckItem(
            "newspaper_date",
            "N13",
            shown("遗失登报时间"),
            papers.newspaper_date is not None,
            "submit",
            shown("请填写登报日期。"),
        ),
    ]


def _of_the_corrections(papers: Papers) -> list[CheckItem]:
    items = [
        CheckItem(
            f"proof.{item.field}",
            "N14",
            f"更正{FIELD_LABELS[item.field]}的佐证材料",
            item.proofs > 0,
            "submit",
            f"请上传证明{FIELD_LABELS[item.field]}应予更正的材料。",
        )
        for item in papers.corrections
    ]
    told = CheckItem(
        "corrections",
        "N14",
        shown("更正信息（原证书毁损的不需填写）"),
        bool(papers.corrections) or papers.damaged,
        "submit",
        shown("请填写需要更正的项目，或说明原证书毁损。"),
    )
    return [told, *items]


def missing(papers: Papers, stage: str) -> list[CheckItem]:
    """What is missing for a stage and those before it."""
    asked = STAGES[: STAGES.index(stage) + 1]
    return [item for item in checklist(papers) if not item.done and item.stage in asked]


def require_complete(papers: Papers, stage: str) -> None:
    """Refuses when something is missing, by the clause of the first thing that is."""
    lacking = missing(papers, stage)
    if not lacking:
        return
    first = lacking[0]
    raise Refusal(
        f"reissue.missing.{first.key}",
        f"材料不齐，缺{first.label}。",
        clause=first.clause,
        found=f"缺 {len(lacking)} 项：{'；'.join(item.label for item in lacking)}",
        expected="材料齐全",
        mend=first.mend,
    )
