"""Print orders: what was counted in of each, what is still due, what is missing (N1)."""

from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, F, QuerySet
from django.db.models.expressions import RawSQL

from zhicheng.blanks import ledger
from zhicheng.blanks.models import BlankCase, CaseKind, Delivery, PrintOrder
from zhicheng.blanks.print_runs import at_the_printer
from zhicheng.values.serials import SerialRange, count, merge

OPEN, DONE, CANCELLED = "open", "done", "cancelled"


# What the ledger has of an order: serials that were counted in, and those of them that are missing.
_PRINTED = """(SELECT coalesce(sum(range_size(r.serials)), 0) FROM blanks_printrun r
    WHERE r.serials && blanks_printorder.serials)"""
_MISSING = """(SELECT coalesce(sum(range_size(h.serials * blanks_printorder.serials)), 0)
    FROM blanks_holding h JOIN blanks_custody c ON c.id = h.custody_id
    WHERE c.state = 'printer' AND h.serials && blanks_printorder.serials)"""


def orders() -> QuerySet[Any]:
    """Orders with what came in (``came``), what is ``missing`` and what is still ``due``."""
    return (
        PrintOrder.objects.select_related("ordered_by")
        .annotate(
            printed=RawSQL(_PRINTED, [], BigIntegerField()),  # noqa: S611 - fixed text
            missing=RawSQL(_MISSING, [], BigIntegerField()),  # noqa: S611 - fixed text
        )
        .annotate(came=F("printed") - F("missing"))
        .annotate(due=F("quantity") - F("came"))
    )


def progress(order: Any) -> str:
    """Open, done or cancelled."""
    if order.cancelled_at is not None:
        return CANCELLED
    return OPEN if order.due > 0 else DONE


@dataclass(frozen=True)
class OrderPage:
    """All that an order's page shows."""

    order: Any
    never_came: list[SerialRange]
    missing: list[SerialRange]
    deliveries: list[Delivery]
    cases: list[BlankCase]

    @property
    def progress(self) -> str:
        """Open, done or cancelled."""
        return progress(self.order)

    @property
    def serials(self) -> SerialRange:
        """What was ordered."""
        return ledger.from_range(self.order.serials)

    @property
    def outstanding(self) -> str:
        """What may still come, as a person would type it."""
        return "\n".join(str(item) for item in merge([*self.never_came, *self.missing]))

    @property
    def outstanding_count(self) -> int:
        """How many may still come."""
        return count(self.never_came) + count(self.missing)


def order_page(order: Any) -> OrderPage:
    """The order with its deliveries, and the cases that they opened."""
    never_came, missing = at_the_printer(order)
    deliveries = list(order.deliveries.select_related("counted_by", "case").order_by("-id"))
    cases = list(
        BlankCase.objects.filter(
            kind=CaseKind.SHORT_DELIVERY, pk__in=[d.case_id for d in deliveries if d.case_id]
        )
        .select_related("opened_by", "closed_by")
        .order_by("-id")
    )
    return OrderPage(order, never_came, missing, deliveries, cases)
