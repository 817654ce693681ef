"""The stock ledger of blank certificates (N1, N5, N9; invariants 1, 2 and 6).

Blanks are never rows: they are ranges of serial numbers. ``Movement`` is the append-only ledger;
a trigger applies each movement to ``Holding``, where an exclusion constraint gives every serial
exactly one custodian. Nobody writes holdings by hand: another trigger refuses it.
"""

from zhicheng.blanks.models.allotments import (
    Allotment,
    AllotmentState,
    Disposal,
    SpareDisposal,
    SparePolicy,
)
from zhicheng.blanks.models.cases import BlankCase, CaseEntry, CaseKind, CaseOutcome
from zhicheng.blanks.models.custody import (
    LOSS_STATES,
    REGISTER_STATES,
    REISSUE_STATES,
    Custody,
    CustodyState,
    Holding,
    HoldingHistory,
)
from zhicheng.blanks.models.movements import Movement, PrintRun, Reason
from zhicheng.blanks.models.orders import Delivery, PrintOrder
from zhicheng.blanks.models.outcomes import Channel, Replacement, Settlement, Sighting
from zhicheng.blanks.models.reordering import ReorderPolicy
from zhicheng.blanks.models.spoilage import (
    Destruction,
    Exchange,
    ExchangeRequest,
    Spoilage,
    SpoilReason,
)
from zhicheng.blanks.models.stocktakes import (
    OFFICE_COUNTS,
    UNIT_COUNTS,
    Stocktake,
    StocktakeCount,
    StocktakeExpected,
    StocktakePolicy,
    StocktakeState,
)

__all__ = [
    "LOSS_STATES",
    "OFFICE_COUNTS",
    "REGISTER_STATES",
    "REISSUE_STATES",
    "UNIT_COUNTS",
    "Allotment",
    "AllotmentState",
    "BlankCase",
    "CaseEntry",
    "CaseKind",
    "CaseOutcome",
    "Channel",
    "Custody",
    "CustodyState",
    "Delivery",
    "Destruction",
    "Disposal",
    "Exchange",
    "ExchangeRequest",
    "Holding",
    "HoldingHistory",
    "Movement",
    "PrintOrder",
    "PrintRun",
    "Reason",
    "ReorderPolicy",
    "Replacement",
    "Settlement",
    "Sighting",
    "SpareDisposal",
    "SparePolicy",
    "SpoilReason",
    "Spoilage",
    "Stocktake",
    "StocktakeCount",
    "StocktakeExpected",
    "StocktakePolicy",
    "StocktakeState",
]
