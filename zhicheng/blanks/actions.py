"""Every change of the stock, gathered: one module per idea holds them."""

from zhicheng.blanks.allotments import allot_register, hand_over
from zhicheng.blanks.corrections import correct
from zhicheng.blanks.destruction import confirm_destruction, propose_destruction
from zhicheng.blanks.exchange import (
    TakenBack,
    exchange_spoiled,
    request_exchange,
    return_spoiled,
    take_back,
)
from zhicheng.blanks.left_over import carry_over, return_left_over, transfer
from zhicheng.blanks.print_runs import (
    cancel_order,
    count_in,
    place_order,
    record_print_run,
    write_off_missing,
)
from zhicheng.blanks.receipt import receive
from zhicheng.blanks.spares import (
    set_spare_disposal,
    set_spare_policy,
    spare_disposal,
    spare_policy,
)

__all__ = [
    "TakenBack",
    "allot_register",
    "cancel_order",
    "carry_over",
    "confirm_destruction",
    "correct",
    "count_in",
    "exchange_spoiled",
    "hand_over",
    "place_order",
    "propose_destruction",
    "receive",
    "record_print_run",
    "request_exchange",
    "return_left_over",
    "return_spoiled",
    "set_spare_disposal",
    "set_spare_policy",
    "spare_disposal",
    "spare_policy",
    "take_back",
    "transfer",
    "write_off_missing",
]
