"""How actions write the ledger: accounts, what they hold, and movements between them.

The database applies each movement (migration 0002); this module only says what should move.
"""

from collections.abc import Iterable, Sequence

from psycopg.types.range import Range

from zhicheng.blanks.models import Custody, CustodyState, Holding, Movement, Reason
from zhicheng.organizations.guard import Actor
from zhicheng.organizations.models import Account, Organization
from zhicheng.values.serials import SerialRange, count, merge, take

WALK = 200  # pieces of holdings read at once


def as_range(item: SerialRange) -> "Range[int]":
    """A range as PostgreSQL stores it: the upper bound excluded."""
    return Range(item.first, item.last + 1, "[)")


def from_range(value: "Range[int]") -> SerialRange:
    """A stored range as people count it."""
    assert value.lower is not None and value.upper is not None
    return SerialRange(value.lower, value.upper - 1)


def custody(
    organization: Organization | int,
    state: CustodyState,
    grade: str,
    register_id: int | None = None,
    reissue: int | None = None,
) -> Custody:
    """The account of a holder, opened when it is first needed.

    Blanks in a unit's hands are for a register (``register_id``) or for one ``reissue``.
    """
    holder = organization if isinstance(organization, int) else organization.pk
    same = Custody.objects.filter(
        organization_id=holder, state=state, grade=grade, register=register_id, reissue=reissue
    )
    found = same.first()
    if found is None:
        # Two actions may open the same account at once: the second one finds the first's.
        Custody.objects.bulk_create(
            [
                Custody(
                    organization_id=holder,
                    state=state,
                    grade=grade,
                    register_id=register_id,
                    reissue=reissue,
                )
            ],
            ignore_conflicts=True,
        )
        found = same.get()
    return found


def lock(custodies: Iterable[Custody]) -> None:
    """Holds the accounts until the transaction ends, in one order, so that nobody deadlocks."""
    identities = sorted({item.pk for item in custodies})
    list(
        Custody.objects.filter(pk__in=identities)
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk")
    )


def held_in(accounts: Iterable[Custody]) -> dict[int, list[SerialRange]]:
    """What each of the accounts holds now, by the account's id, in one query."""
    found: dict[int, list[SerialRange]] = {}
    for custody_id, value in Holding.objects.filter(
        custody__in=[item.pk for item in accounts]
    ).values_list("custody", "serials"):
        found.setdefault(custody_id, []).append(from_range(value))
    return {key: merge(ranges) for key, ranges in found.items()}


def held_within(account: Custody, ranges: Sequence[SerialRange]) -> list[SerialRange]:
    """What the account holds from the lowest to the highest of these serials, and around them."""
    if not ranges:
        return []
    whole = SerialRange(min(item.first for item in ranges), max(item.last for item in ranges))
    values = Holding.objects.filter(custody=account, serials__overlap=as_range(whole))
    return merge(from_range(value) for value in values.values_list("serials", flat=True))


def held(account: Custody) -> list[SerialRange]:
    """What the account holds now, lowest serial first."""
    values = Holding.objects.filter(custody=account).order_by("serials")
    return merge(from_range(value) for value in values.values_list("serials", flat=True))


def lowest(account: Custody, wanted: int) -> list[SerialRange]:
    """The lowest ``wanted`` serials of the account; all of them where it holds fewer.

    Walks the account in its order and stops, so it costs the same however much lies there.
    """
    found: list[SerialRange] = []
    missing, after = wanted, None
    while missing > 0:
        rows = Holding.objects.filter(custody=account).order_by("serials")
        if after is not None:
            rows = rows.filter(serials__gt=after)
        step = min(missing, WALK)
        values = list(rows.values_list("serials", flat=True)[:step])
        for value in values:
            found += take([from_range(value)], missing)
            missing = wanted - count(found)
        if len(values) < step:
            break
        after = values[-1]
    return merge(found)


def move(
    ranges: Sequence[SerialRange],
    *,
    source: Custody,
    target: Custody,
    reason: Reason,
    actor: Actor,
    note: str = "",
) -> None:
    """Writes the movements; the database refuses them when the source doesn't hold the blanks."""
    account = actor if isinstance(actor, Account) else None
    Movement.objects.bulk_create(
        Movement(
            serials=as_range(item),
            source=source,
            target=target,
            reason=reason,
            note=note,
            moved_by=account,
        )
        for item in merge(ranges)
    )
