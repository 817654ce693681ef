"""The stock ledger of blank certificates (N1, N5, N9; invariants 1, 2 and 6).

Blanks are never rows: they are ranges of serial numbers. ``Movement`` is the append-only ledger;
a trigger applies each movement to ``Holding``, where an exclusion constraint gives every serial
exactly one custodian. Nobody writes holdings by hand: another trigger refuses it.
"""

from zhicheng.blanks.models.allotments import Allotment, AllotmentState, SparePolicy
from zhicheng.blanks.models.cases import BlankCase, CaseEntry, CaseKind, CaseOutcome
from zhicheng.blanks.models.custody import (
    LOSS_STATES,
    REGISTER_STATES,
    Custody,
    CustodyState,
    Holding,
)
from zhicheng.blanks.models.movements import Movement, PrintRun, Reason
from zhicheng.blanks.models.spoilage import Destruction, Exchange, Spoilage, SpoilReason

__all__ = [
    "LOSS_STATES",
    "REGISTER_STATES",
    "Allotment",
    "AllotmentState",
    "BlankCase",
    "CaseEntry",
    "CaseKind",
    "CaseOutcome",
    "Custody",
    "CustodyState",
    "Destruction",
    "Exchange",
    "Holding",
    "Movement",
    "PrintRun",
    "Reason",
    "SparePolicy",
    "SpoilReason",
    "Spoilage",
]
