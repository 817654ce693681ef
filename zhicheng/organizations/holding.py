"""Holding organisations until the end of one's own transaction (N3).

Shared, by whoever gives an organisation something to do: many at once, and none of them is ended
meanwhile. Alone, by whoever ends, reopens or changes one: it waits for those who share it and lets
nobody begin. A foreign key asks for the same shared lock, but only at the commit, when nobody looks
at the end any more.

Organisations come first, in the order of their ids, then rows of registers and applications.
Whoever holds one alone locks nothing after it but its department and its accounts, so a shared lock
that comes late, as a foreign key's does, waits for nobody who waits for it.
"""

from django.db import connection
from django.utils import timezone

from zhicheng.organizations.models import Organization
from zhicheng.values.refusal import Refusal


def hold_shared(*organization_ids: int) -> dict[int, Organization]:
    """The organisations as they are now, by id; their closing waits until the transaction is over.

    Whoever gives them something to do asks here and then whether they have ended: either that is
    seen there, or the closing sees what they were given. Raises DoesNotExist for an unknown id.
    """
    wanted = set(organization_ids)
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM organizations_organization WHERE id = ANY(%s) ORDER BY id"
            " FOR KEY SHARE",
            [sorted(wanted)],
        )
    found = Organization.objects.in_bulk(wanted)
    if len(found) < len(wanted):
        raise Organization.DoesNotExist
    return found


def hold_alone(organization_id: int) -> Organization:
    """The organisation as it is now, while nobody else holds it; to end, reopen or change it."""
    return Organization.objects.select_for_update(of=("self",)).get(pk=organization_id)


def require_not_ended(organization: Organization) -> None:
    """Raises Refusal for one that has ended and takes nothing any more; ask while holding it."""
    if organization.has_ended(timezone.localdate()):
        raise Refusal(
            "organization.ended",
            "这个机构已经停用，不能再办理新的事项。",
            clause="N3",
            found=f"{organization.name}，停用日期 {organization.valid_to}",
            expected="没有停用的机构",
            mend="机构停用有误的，请先恢复机构。",
        )
