"""A search by ID number: asked on purpose, by whoever may, and written down (N18)."""

from zhicheng.audit.recording import recorded, retrying
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.search.kinds import Group
from zhicheng.search.queries import FEW, found
from zhicheng.search.rules import Asked


@retrying
def search_by_id_number(*, actor: Account, asked: Asked, each: int = FEW) -> list[Group]:
    """What is on file about the person; the event says how much was shown, never of whom."""
    with recorded(actor, Action.SEARCH_BY_ID_NUMBER) as record:
        require(actor, Action.SEARCH_BY_ID_NUMBER)
        groups = found(actor, asked, each=each)
        record(data={"shown": {group.kind.key: len(group.hits) for group in groups}})
    return groups
