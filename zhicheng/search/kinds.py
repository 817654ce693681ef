"""What a search gives: hits of a kind, and how a kind is searched."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Q
from django.utils.functional import Promise

from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.search.rules import Asked


@dataclass(frozen=True)
class Hit:
    """One thing that was found."""

    title: str
    text: str
    url: str
    state: str = ""
    state_label: str = ""

    @classmethod
    def of(cls, row: Any, title: str, text: str, url: str) -> Self:
        """With the state that the row itself is in."""
        return cls(title, text, url, row.state, str(row.get_state_display()))


@dataclass(frozen=True)
class Kind:
    """A kind of thing: who may search it, and how. ``find`` takes account, text, start, count.

    ``sign``: what the product's own numbers of it begin with, if it is found by these alone.
    """

    key: str
    label: str | Promise
    action: Action
    find: Callable[[Account, Asked, int, int], Sequence[Hit]]
    sign: str = ""


@dataclass(frozen=True)
class Group:
    """What was found of a kind; ``more``: there is another page; ``narrow``: not all was seen."""

    kind: Kind
    hits: Sequence[Hit]
    more: bool
    narrow: bool = False


def begins(asked: Asked, *numbers: str) -> Q:
    """One of the numbers begins so, as it was typed, in capitals or as the product writes it.

    What can't be a number begins none: an empty condition would let every row through.
    """
    wanted = Q(pk__in=())
    for number in numbers:
        for text in asked.beginnings:
            wanted |= Q(**{f"{number}__startswith": text})
    return wanted
