"""What the certificate numbers of a register are held against."""

from collections.abc import Collection

from django.utils import timezone

from zhicheng.registers.models import GivenNumber, NumberingRule, Register
from zhicheng.registers.numbering.own_numbers import Numbering
from zhicheng.registers.numbering.plan import region_of


def numbering_of(register: Register, numbers: Collection[str]) -> Numbering | None:
    """The issuing unit's rule of today, and those that may have made the numbers.

    These are the rule of the day on which the register was begun and whichever gave one of the
    numbers: a number isn't wrong because a new rule began. None where no rule is known: then the
    unit's numbers are opaque text.
    """
    today = timezone.localdate()
    begun = timezone.localtime(register.created_at).date() if register.created_at else today
    rules = list(
        NumberingRule.objects.filter(
            unit=register.issuing_unit_id, withdrawn_at=None, valid_from__lte=today
        ).order_by("-valid_from")
    )
    if not rules:
        return None
    then = next((rule for rule in rules if rule.valid_from <= begun), rules[0])
    gave = set(
        GivenNumber.objects.filter(number__in=list(numbers), skipped=False)
        .filter(rule__unit=register.issuing_unit_id)
        .values_list("rule", flat=True)
        .distinct()
    )
    return Numbering(
        rules=[rule.spec for rule in rules if rule in (rules[0], then) or rule.pk in gave],
        register_year=register.year,
        region=region_of(register),
    )
