"""Every change of the stock, gathered: one module per idea holds them."""

from zhicheng.blanks.allotments import allot_register, hand_over, receive
from zhicheng.blanks.destruction import confirm_destruction, propose_destruction
from zhicheng.blanks.exchange import TakenBack, exchange_spoiled, return_spoiled, take_back
from zhicheng.blanks.print_runs import record_print_run
from zhicheng.blanks.spares import set_spare_policy, spare_policy

__all__ = [
    "TakenBack",
    "allot_register",
    "confirm_destruction",
    "exchange_spoiled",
    "hand_over",
    "propose_destruction",
    "receive",
    "record_print_run",
    "return_spoiled",
    "set_spare_policy",
    "spare_policy",
    "take_back",
]
