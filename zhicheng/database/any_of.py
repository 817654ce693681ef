"""Conditions in forms of which PostgreSQL makes good plans for millions of rows."""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    BooleanField,
    F,
    Func,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.lookups import IsNull


class AnyOf(Func):
    """``column = ANY (array)``: each part of an OR around it can use its own index."""

    template, arg_joiner = "(%(expressions)s))", " = ANY ("
    output_field = BooleanField()
    conditional = True


def one_of(column: str, ids: Sequence[int]) -> AnyOf:
    """Whether the column is one of these ids; thousands of them are one parameter."""
    return AnyOf(F(column), Value(list(ids), output_field=ArrayField(BigIntegerField())))


def looked_up(rows: QuerySet[Any, Any]) -> IsNull:
    """As ``Exists``, by a look-up for each row around it that ends at the first one found.

    An ``EXISTS`` may be worked out for all rows at once, whether few of them are asked for or not.
    """
    return IsNull(Subquery(rows.order_by().values("pk")[:1]), False)  # noqa: FBT003 - its right side
