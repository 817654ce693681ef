"""Who applies without an account: the holder, known by receipt number and ID number (N10)."""

from collections.abc import Mapping
from dataclasses import dataclass

from zhicheng.organizations.guard import Console, may, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action, Relation
from zhicheng.reissues.models import Reissue
from zhicheng.values.refusal import NotPermitted


@dataclass(frozen=True)
class Applicant:
    """The holder. ``reissue_id`` is the application that they proved to be theirs; None before.

    Made by ``queries.applicant_of``, which asks for receipt number and ID number, and by the page
    that begins an application.
    """

    reissue_id: int | None = None
    pk: None = None
    username: str = "申请人"
    organization_id: None = None


By = Account | Applicant
# What a holder may do with the own application.
APPLICANTS = frozenset(
    {
        Action.REISSUE_APPLY,
        Action.REISSUE_AMEND,
        Action.REISSUE_ADD_EVIDENCE,
        Action.REISSUE_SUBMIT,
        Action.REISSUE_WITHDRAW,
        Action.REISSUE_FOUND,
    }
)


@dataclass(frozen=True)
class Parties:
    """Organisations in relations, for the guard."""

    of: Mapping[Relation, set[int]]

    def parties(self) -> Mapping[Relation, set[int]]:
        """As given."""
        return self.of


def by_may(actor: By, action: Action, reissue: Reissue) -> bool:
    """Whether the holder or the account may do this with the application: for buttons."""
    if isinstance(actor, Applicant):
        return action in APPLICANTS and actor.reissue_id == reissue.pk
    return may(actor, action, reissue)


def require_by(actor: By | Console, action: Action, subject: Reissue | Parties) -> None:
    """Raises NotPermitted unless the holder owns the application, or the account may."""
    if not isinstance(actor, Applicant):
        require(actor, action, subject)
        return
    owned = isinstance(subject, Parties) or actor.reissue_id == subject.pk
    if action not in APPLICANTS or not owned:
        raise NotPermitted(
            "reissue.not_yours",
            "只能办理您本人的申请。",
            clause="N10",
            expected="受理号和身份证号码相符",
            mend="请用受理号和身份证号码查询您的申请。",
        )


def account_of(actor: By) -> Account | None:
    """The account for a column that says who did it; None for the holder."""
    return actor if isinstance(actor, Account) else None


def source_of(actor: By) -> dict[str, str]:
    """What an audit event says of where it came from."""
    return {"source": "public"} if isinstance(actor, Applicant) else {}
