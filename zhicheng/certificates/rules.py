"""What the notice says of the certificate's path (N6, N8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zhicheng.values.refusal import NotPermitted, Refusal


@dataclass(frozen=True)
class Selected:
    """A certificate that somebody picked for a step: its number and its state's label."""

    number: str
    state: str
    state_label: str


# What each state still lacks before it may be issued, in the notice's words.
LACKING: Mapping[str, str] = {
    "awaiting_blank": "空白证书、公章和钢印",
    "filled": "公章和钢印",
    "sealed": "钢印",
}


def embosser_of(grade: str, *, approving_department_id: int, municipal_office_id: int) -> int:
    """Who embosses: the municipal office for senior, the approving department else (N8)."""
    return municipal_office_id if grade == "senior" else approving_department_id


def require_state(
    selected: Sequence[Selected], wanted: frozenset[str], *, step: str, wanted_label: str
) -> None:
    """Refuses a batch in which a certificate isn't ready for the step; nothing of it is done."""
    wrong = [item for item in selected if item.state not in wanted]
    if not wrong:
        return
    first = wrong[0]
    raise Refusal(
        "certificate.wrong_state",
        f"有 {len(wrong)} 本证书不能{step}，整批没有办理。",
        clause="N8",
        found="、".join(f"{item.number}（{item.state_label}）" for item in wrong[:5]),
        expected=wanted_label,
        mend=f"请把 {first.number} 等从本批中去掉，或先办完前面的步骤。",
    )


def require_seals(selected: Sequence[Selected]) -> None:
    """签章完备后，方能发放: refuses the issue of a certificate without both seals (N8)."""
    lacking = [item for item in selected if item.state in LACKING]
    if not lacking:
        return
    raise Refusal(
        "certificate.seals_missing",
        f"有 {len(lacking)} 本证书签章不完备，不能发放，整批没有办理。",
        clause="N8",
        found="、".join(f"{item.number}缺{LACKING[item.state]}" for item in lacking[:5]),
        expected="公章、钢印齐全",
        mend="请先完成加盖公章和钢印。",
    )


def require_something(count: int, *, step: str, wanted_label: str) -> None:
    """Refuses an empty batch, saying what the step waits for."""
    if count == 0:
        raise Refusal(
            "certificate.nothing_to_do",
            f"没有可以{step}的证书。",
            clause="N8",
            found="0 本",
            expected=wanted_label,
        )


def require_embosser(other: Sequence[str], *, organization: str, clause: str = "N8") -> None:
    """Refuses to emboss certificates that another organisation embosses.

    ``other`` holds their numbers.
    """
    if other:
        raise NotPermitted(
            "certificate.not_the_embosser",
            "高级证书由市职改办加盖钢印，中、初级证书由资格核准部门加盖钢印。",
            clause=clause,
            found=f"{organization}不能为 {'、'.join(other[:5])} 加盖钢印",
            expected="由规定的单位加盖",
            mend="请把这些证书转交规定的单位。",
        )


def require_blanks(wanted: int, available: int, grade_label: str) -> None:
    """Refuses to fill in more certificates than the unit has blanks in its hands."""
    if available < wanted:
        raise Refusal(
            "certificate.blanks_missing",
            f"{grade_label}空白证书不够填制。",
            clause="N8",
            found=f"已签收未填制 {available} 本",
            expected=f"需要 {wanted} 本",
            mend="请先签收配发的空白证书；备用证书不足的，凭废旧证书到市职改办换取。",
        )
