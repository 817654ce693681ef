"""Agents and their authorisation, the signature list, and the signed list as evidence (N8, N18)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.certificates import issue_rules as rules
from zhicheng.certificates.models import IssueAgent, SignedList
from zhicheng.certificates.unmasking import require_purpose
from zhicheng.files import store
from zhicheng.files.models import StoredFile
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action, Relation
from zhicheng.protection import blind_index, protect, reveal
from zhicheng.registers.models import Register
from zhicheng.values.id_number import mask
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers

FILES_AT_ONCE = 20


@dataclass(frozen=True)
class _Issuer:
    """The unit at whose counter an agent stands, for the guard."""

    organization: Organization

    def parties(self) -> Mapping[Relation, set[int]]:
        return {
            Relation.ISSUING: {self.organization.pk} if self.organization.has_authority else set()
        }


@retrying
def name_agent(
    *,
    actor: Account,
    name: str,
    id_number: str,
    relation: str,
    relation_text: str = "",
    authorisation: store.Prepared | None,
    id_checked: bool,
) -> IssueAgent:
    """Puts an agent on record, who then takes certificates (``actions.issue(agent_id=…)``).

    The ID number is kept encrypted and shown masked; the authorisation is one file for all that
    this agent takes now.
    """
    with recorded(actor, Action.ISSUE_AGENT_NAME) as record:
        require(actor, Action.ISSUE_AGENT_NAME, _Issuer(actor.organization))
        rules.require_agent(
            name=name, relation=relation, relation_text=relation_text, checked=id_checked
        )
        number, kind = rules.agents_id_number(id_number, timezone.localdate())
        if authorisation is None:
            raise Refusal(
                "issue.authorisation_missing",
                "代领证书须附授权材料。",
                clause="N8",
                found="没有上传文件",
                expected="授权委托书或单位介绍信（PDF、JPEG、PNG）",
                mend="请扫描或拍照上传授权材料。",
            )
        agent = IssueAgent.objects.create(
            unit=actor.organization,
            name=hide_id_numbers(name.strip())[:100],
            id_kind=kind,
            id_number_cipher=protect(number),
            id_number_index=blind_index(number),
            id_number_masked=mask(number),
            relation=relation,
            relation_text=hide_id_numbers(relation_text.strip())[:60]
            if relation == "other"
            else "",
            authorisation=store.store(authorisation, account_id=actor.pk),
            named_by=actor,
        )
        record(
            subject=agent,
            data={
                "id_number": agent.id_number_masked,
                "relation": relation,
                **store.told(agent.authorisation),
            },
        )
    return agent


def show_agents_id_number(*, actor: Account, agent: IssueAgent, purpose: str) -> str:
    """The agent's whole number; each look is an audit event."""
    require(actor, Action.PERSON_UNMASK, agent)
    require_purpose(purpose)
    with recorded(actor, Action.PERSON_UNMASK) as record:
        record(subject=agent, data={"purpose": purpose})
    return reveal(bytes(agent.id_number_cipher))


def open_authorisation(*, actor: Account, agent: IssueAgent) -> StoredFile:
    """The authorisation for whoever may see it; an ID card may be on it, so the look is kept."""
    require(actor, Action.ISSUE_RECORD_VIEW, agent)
    with recorded(actor, Action.ISSUE_RECORD_VIEW) as record:
        record(subject=agent, data=store.told(agent.authorisation))
    return agent.authorisation


@retrying
def attach_signed_lists(
    *, actor: Account, register_id: int, files: Sequence[store.Prepared]
) -> list[SignedList]:
    """Keeps scans of the signed list with the register."""
    with recorded(actor, Action.SIGNATURE_LIST_ATTACH) as record:
        register = Register.objects.defer("source").get(pk=register_id)
        require(actor, Action.SIGNATURE_LIST_ATTACH, register)
        if not 0 < len(files) <= FILES_AT_ONCE:
            raise Refusal(
                "issue.signed_list_count",
                "请选择已签领取签收表的扫描件。" if not files else "一次上传的文件过多，没有保存。",
                clause="N18",
                found=f"{len(files)} 个文件",
                expected=f"1 至 {FILES_AT_ONCE} 个文件",
            )
        kept = []
        for prepared in files:
            item = SignedList.objects.create(
                register=register,
                file=store.store(prepared, account_id=actor.pk),
                attached_by=actor,
            )
            record(
                subject=register,
                data={"number": register.number, "list": item.pk, **store.told(item.file)},
            )
            kept.append(item)
    return kept


def open_signed_list(*, actor: Account, item: SignedList) -> StoredFile:
    """A signed list for whoever may see it; the look is on record."""
    require(actor, Action.ISSUE_RECORD_VIEW, item.register)
    with recorded(actor, Action.ISSUE_RECORD_VIEW) as record:
        record(
            subject=item.register,
            data={"number": item.register.number, "list": item.pk, **store.told(item.file)},
        )
    return item.file
