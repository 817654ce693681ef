"""Conditions in forms of which PostgreSQL makes good plans for millions of rows."""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    Exists,
    F,
    Func,
    QuerySet,
    Value,
    When,
)


class AnyOf(Func):
    """``column = ANY (array)``: each part of an OR around it can use its own index."""

    template, arg_joiner = "(%(expressions)s))", " = ANY ("
    output_field = BooleanField()
    conditional = True


def one_of(column: str, ids: Sequence[int]) -> AnyOf:
    """Whether the column is one of these ids; thousands of them are one parameter."""
    return AnyOf(F(column), Value(list(ids), output_field=ArrayField(BigIntegerField())))


def looked_up(rows: QuerySet[Any, Any]) -> Case:
    """As ``Exists``, by a look-up for each row around it that ends at the first one found.

    As a plain condition it may become a join over all of ``rows``.
    """
    return Case(When(Exists(rows), then=Value(True)), default=Value(False))
