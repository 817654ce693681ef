"""A reissue's blank in the ledger: what lies with it, and what comes and goes (N9, N11)."""

from collections.abc import Sequence

from zhicheng.blanks import ledger
from zhicheng.blanks.models import CustodyState, Holding, Reason, Spoilage
from zhicheng.blanks.rules import require_stock, unknown_serial
from zhicheng.organizations.models import Account, Organization
from zhicheng.reference.models import Grade
from zhicheng.reissues.models import Reissue
from zhicheng.values.serials import SerialRange, ranges_of


def give(reissue: Reissue, actor: Account, serial: int | None, reason: Reason) -> int:
    """From the store to the unit: the lowest serial, or the named one; gives it."""
    office = Organization.objects.municipal_office()
    store_ = ledger.custody(office, CustodyState.STORE, reissue.grade)
    unit = ledger.custody(reissue.unit_id, CustodyState.UNIT, reissue.grade, reissue=reissue.pk)
    ledger.lock([store_, unit])
    if serial is None:
        given = ledger.lowest(store_, 1)
        require_stock(1, given, str(Grade(reissue.grade).label))
    else:
        given = [SerialRange(serial, serial)]
        if not ledger.held_within(store_, given) or not any(
            serial in item for item in ledger.held_within(store_, given)
        ):
            raise unknown_serial(serial)
    ledger.move(given, source=store_, target=unit, reason=reason, actor=actor)
    return given[0].first


def spoiled(reissue: Reissue) -> list[int]:
    """The spoiled blanks that lie at the unit."""
    values = Holding.objects.filter(
        custody__reissue=reissue.pk, custody__state=CustodyState.SPOILED
    ).values_list("serials", flat=True)
    ranges = [ledger.from_range(value) for value in values]
    return [serial for item in ranges for serial in range(item.first, item.last + 1)]


def due(reissue: Reissue) -> list[Spoilage]:
    """Spoiled blanks that lie at the unit and wait for an exchange."""
    return list(
        Spoilage.objects.filter(
            reissue=reissue.pk, needs_blank=True, exchange=None, serial__in=spoiled(reissue)
        ).order_by("pk")
    )


def count_in(reissue: Reissue, serials: Sequence[int], actor: Account) -> None:
    """The office takes spoiled blanks in."""
    office = Organization.objects.municipal_office()
    source = ledger.custody(
        reissue.unit_id, CustodyState.SPOILED, reissue.grade, reissue=reissue.pk
    )
    target = ledger.custody(office, CustodyState.RETURNED_SPOILED, reissue.grade)
    ledger.lock([source, target])
    ledger.move(
        ranges_of(serials),
        source=source,
        target=target,
        reason=Reason.RETURN_SPOILED,
        actor=actor,
    )
