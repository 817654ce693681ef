"""Where certificate numbers are in use already; folders below tell of their own tables."""

from collections.abc import Callable, Collection, Mapping

from django.db.models import Exists, OuterRef, Q

from zhicheng.registers.models import GivenNumber, RegisterRow
from zhicheng.registers.numbering.models import NumberPurpose

Source = Callable[[Collection[str]], Mapping[str, str]]
_sources: list[Source] = []


def tells_used_numbers(source: Source) -> Source:
    """Registers who knows of used numbers: number to where it is used; call it from ``ready``."""
    if source not in _sources:
        _sources.append(source)
    return source


def used_by_others(numbers: Collection[str], *, register_id: int | None) -> dict[str, str]:
    """Which of the numbers are taken for good elsewhere, and by what, in words.

    Accepted rows, numbers that were given to another register or for a reissue, and whatever the
    sources know. A number that somebody typed on another draft isn't taken: nobody has checked
    it yet, and whoever is accepted first keeps it.
    """
    asked = [number for number in set(numbers) if number]
    if not asked:
        return {}
    taken: dict[str, str] = {}
    for source in _sources:
        taken.update(source(asked))
    taken.update(_given(asked, register_id))
    rows = RegisterRow.objects.filter(accepted=True, certificate_number__in=asked)
    taken.update(
        (number, f"登记表{where}")
        for number, where in rows.exclude(register=register_id).values_list(
            "certificate_number", "register__number"
        )
    )
    return taken


def _given(asked: Collection[str], register_id: int | None) -> dict[str, str]:
    stands = RegisterRow.objects.filter(
        register=OuterRef("register"), certificate_number=OuterRef("number")
    )
    given = GivenNumber.objects.filter(
        Q(purpose=NumberPurpose.REISSUE)
        | Q(register__isnull=False) & (Q(settled=True) | Exists(stands)),
        number__in=asked,
        skipped=False,
    )
    if register_id is not None:
        given = given.exclude(register=register_id)
    return {
        number: f"登记表{register}" if register else str(NumberPurpose.REISSUE.label)
        for number, register in given.values_list("number", "register__number")
    }


def met_already(numbers: Collection[str]) -> dict[str, bool]:
    """Which of the numbers stand anywhere at all, typed on a draft too; True: for good."""
    asked = list(numbers)
    met: dict[str, bool] = {}
    rows = RegisterRow.objects.filter(certificate_number__in=asked)
    for number, state in rows.values_list("certificate_number", "register__state"):
        met[number] = met.get(number, False) or state != "draft"
    given = GivenNumber.objects.filter(number__in=asked, skipped=False)
    met.update(dict.fromkeys(given.values_list("number", flat=True), True))
    for source in _sources:
        met.update(dict.fromkeys(source(asked), True))
    return met


def met_outside(numbers: Collection[str]) -> set[str]:
    """Which of the numbers are used outside the registers: certificates, old ledgers."""
    return {number for source in _sources for number in source(numbers)} if numbers else set()
