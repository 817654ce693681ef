"""Things to which addresses lead, taken there by the real actions."""

from django.utils import timezone

from tests.support.city import City, announce
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import Certificate
from zhicheng.electronic.making import make_electronic
from zhicheng.registers.models import NumberingRule, Register
from zhicheng.registers.numbering.actions import set_rule


def carry_one(city: City, register: Register, step: str) -> None:
    """One more step of a register that is filled in, by the issuing unit's own people."""
    match step:
        case "sealed":
            path.seal(actor=city.who("health", "officer"), register_id=register.pk)
        case "embossed":
            path.emboss(actor=city.who("health", "embosser"), register_id=register.pk)
        case "issued":
            path.issue(actor=city.who("health", "clerk"), register_id=register.pk)


def electronic(city: City, people: int = 3) -> dict[str, int]:
    """An online document of the health commission with its electronic certificates."""
    if not NumberingRule.objects.exists():
        set_rule(
            actor=city.who("office", "officer"),
            unit=city.health,
            valid_from=timezone.localdate(),
            pattern="DZ{年}{流水6}",
        )
    document = announce(city, people, channel="online")[0].document
    make_electronic(actor=city.who("health", "officer"), document_id=document.pk)
    made = Certificate.objects.filter(approved_person__document=document)
    return {"document": document.pk, "certificate": made[0].pk}
