"""Batch verifications as an account may see them (invariant 9)."""

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.verification.models import BatchVerification


def visible(account: Account) -> QuerySet[BatchVerification]:
    """The organisation's own; all for the office and auditors. ``mine``: asked by the account."""
    mine = ExpressionWrapper(Q(account=account.pk), output_field=BooleanField())
    found = BatchVerification.objects.select_related("organization", "account").annotate(mine=mine)
    if may(account, Action.BATCH_VIEW):
        return found
    return found.filter(organization=account.organization_id)
