"""Reads numbering rules: which an account may see, and for whom it may set one."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account, Kind, Organization
from zhicheng.organizations.permissions import PERMISSIONS, Action, Relation, Role
from zhicheng.registers.models import NumberCounter, NumberingRule


def visible_rules(account: Account) -> QuerySet[NumberingRule]:
    """The rules that the account may see: all, its own unit's, or its department's."""
    rules = NumberingRule.objects.select_related(
        "unit__region", "created_by", "withdrawn_by"
    ).annotate(
        in_use=Exists(NumberCounter.objects.filter(rule=OuterRef("pk"))),
    )
    grants = PERMISSIONS[Action.NUMBERING_RULE_VIEW]
    role, organization = Role(account.role), account.organization
    if (role, Relation.ANY) in grants:
        return rules
    if organization.is_municipal_office and (role, Relation.MUNICIPAL) in grants:
        return rules
    if not any(granted == role for granted, _relation in grants):
        return rules.none()
    return rules.filter(Q(unit=organization) | Q(unit=organization.supervisor_id))


def units_to_number(account: Account) -> QuerySet[Organization]:
    """The issuing units for which the account may set a rule."""
    today = timezone.localdate()
    units = (
        Organization.objects.in_force(today)
        .filter(has_authority=True)
        .exclude(kind=Kind.MUNICIPAL_OFFICE)
        .order_by("kind", "name")
    )
    if account.organization.is_municipal_office:
        anybody = may(account, Action.NUMBERING_RULE_SET, NumberingRule(unit=account.organization))
        return units if anybody else units.none()
    own = NumberingRule(unit=account.organization)
    if not may(account, Action.NUMBERING_RULE_SET, own):
        return units.none()
    return units.filter(pk=account.organization_id)


def state_of(rule: NumberingRule, newest: bool) -> str:
    """withdrawn, coming, present or past; ``newest``: no later rule of the unit has begun."""
    if rule.withdrawn_at is not None:
        return "withdrawn"
    if rule.valid_from > timezone.localdate():
        return "coming"
    return "present" if newest else "past"
