"""Keeping an organisation from being ended before the end of one's own transaction (N3)."""

from django.db import connection

from zhicheng.organizations.models import Organization


def hold(organization_id: int) -> Organization:
    """The organisation as it is now; its closing waits until the transaction is over.

    Whoever gives it something to do asks here and then whether it has ended: either that is seen
    there, or the closing sees what it was given. A foreign key alone asks for the same lock, but
    only at the commit, when nobody looks at the end any more. Many may hold it at once.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM organizations_organization WHERE id = %s FOR KEY SHARE",
            [organization_id],
        )
    return Organization.objects.get(pk=organization_id)
