"""Which row of a file sent again is which row of the register; pure (N4).

A row keeps its identity where it is the same person's same entry, so that its history reads on.
Keys are tried from the surest to the weakest. Where one names several rows, those that are most
alike are paired; a key that isn't the person's own counts only where it names as many rows on
either side. What is left is paired by its place when at least half of the columns agree.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from zhicheng.registers.columns import (
    CERTIFICATE_NUMBER,
    DOCUMENT_NUMBER,
    ID_NUMBER,
    NAME,
    QUALIFICATION,
    SPECIALTY,
    WORK_UNIT,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as it is told from others: its ten texts, the key of its ID number, its place.

    The place of the ID number among ``texts`` isn't looked at; ``person`` stands for it.
    """

    texts: Sequence[str]
    person: Hashable
    place: int


_Key = Callable[[Entry], Hashable]


def _columns(*columns: int, person: bool = False) -> _Key:
    """The key of these columns; None where one of them is empty."""

    def key(entry: Entry) -> Hashable:
        told = [entry.texts[column] for column in columns]
        if person:
            told.append(entry.person or "")  # type: ignore[arg-type]
        return tuple(told) if all(told) else None

    return key


_KEYS: Sequence[_Key] = (
    _columns(DOCUMENT_NUMBER, QUALIFICATION, SPECIALTY, person=True),
    _columns(DOCUMENT_NUMBER, person=True),
    _columns(CERTIFICATE_NUMBER, person=True),
    _columns(person=True),
    _columns(CERTIFICATE_NUMBER, NAME),
    _columns(NAME, DOCUMENT_NUMBER, QUALIFICATION, SPECIALTY),
    _columns(NAME, WORK_UNIT),
    _columns(CERTIFICATE_NUMBER),
    _columns(NAME),
)
_SURE = _KEYS[:4]  # the same person at any rate
_ALIKE = 5
_MANY = 400  # pairs to weigh; a sheet of one name alone is paired in order


def match_again(old: Sequence[Entry], new: Sequence[Entry]) -> list[int | None]:
    """For every new row the index of the old row that it is, or None."""
    found: list[int | None] = [None] * len(new)
    left, right = set(range(len(old))), set(range(len(new)))
    for key in _KEYS:
        if not left or not right:
            break
        before, after = _grouped(old, left, key), _grouped(new, right, key)
        for told, places in after.items():
            held = before.get(told, [])
            if len(held) != len(places) and key not in _SURE:
                continue
            for index, place in _paired(old, new, held, places):
                found[place] = index
                left.discard(index)
                right.discard(place)
    _by_place(old, new, left, right, found)
    return found


def _paired(
    old: Sequence[Entry], new: Sequence[Entry], held: list[int], places: list[int]
) -> list[tuple[int, int]]:
    if len(held) == 1 and len(places) == 1:
        return [(held[0], places[0])]
    if len(held) * len(places) > _MANY:
        return list(zip(held, places, strict=False))
    likeness = sorted(
        (
            (-_alike(old[index], new[place]), abs(index - place), place, index)
            for index in held
            for place in places
        ),
    )
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _score, _distance, place, index in likeness:
        if place not in pairs and index not in taken:
            pairs[place] = index
            taken.add(index)
    return [(index, place) for place, index in pairs.items()]


def _grouped(entries: Sequence[Entry], places: set[int], key: _Key) -> dict[Hashable, list[int]]:
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for place in sorted(places):
        told = key(entries[place])
        if told is not None:
            groups[told].append(place)
    return groups


def _by_place(
    old: Sequence[Entry],
    new: Sequence[Entry],
    left: set[int],
    right: set[int],
    found: list[int | None],
) -> None:
    standing = {old[index].place: index for index in sorted(left, reverse=True)}
    for place in sorted(right):
        index = standing.get(new[place].place)
        if index is not None and index in left and _alike(old[index], new[place]) >= _ALIKE:
            found[place] = index
            left.discard(index)


def _alike(old: Entry, new: Entry) -> int:
    same = sum(
        bool(one) and one == other
        for column, (one, other) in enumerate(zip(old.texts, new.texts, strict=True))
        if column != ID_NUMBER
    )
    return same + (bool(old.person) and old.person == new.person)
