"""A transfer slip's way there and back as one table (N8): guard, buttons, audit text, diagram."""

from zhicheng.certificates.models import SlipState as State
from zhicheng.organizations.permissions import Action
from zhicheng.values.lifecycle import Lifecycle, Transition

TRANSFER = Lifecycle(
    "移交单",
    {state.value: str(state.label) for state in State},
    [
        Transition(
            Action.TRANSFER_MAKE, frozenset({State.DRAFT.value}), State.DRAFT.value, "添减证书"
        ),
        Transition(Action.TRANSFER_SEND, frozenset({State.DRAFT.value}), State.SENT.value, "移交"),
        Transition(
            Action.TRANSFER_CANCEL,
            frozenset({State.DRAFT.value, State.SENT.value}),
            State.CANCELLED.value,
            "撤销",
        ),
        Transition(
            Action.TRANSFER_RECEIVE, frozenset({State.SENT.value}), State.ARRIVED.value, "签收"
        ),
        Transition(
            Action.TRANSFER_RETURN,
            frozenset({State.ARRIVED.value}),
            State.RETURNING.value,
            "退回",
        ),
        Transition(
            Action.TRANSFER_TAKE_BACK,
            frozenset({State.RETURNING.value}),
            State.CLOSED.value,
            "领回",
        ),
    ],
)
