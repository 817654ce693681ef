"""The states of an allotment and who may move it on."""

from zhicheng.blanks.models import AllotmentState
from zhicheng.organizations.permissions import Action
from zhicheng.values.lifecycle import Lifecycle, Transition

ALLOTMENT = Lifecycle(
    "配发",
    {state.value: str(state.label) for state in AllotmentState},
    [
        Transition(
            Action.ALLOTMENT_HAND_OVER,
            frozenset({AllotmentState.ALLOTTED.value}),
            AllotmentState.HANDED_OVER.value,
            "移交",
        ),
        Transition(
            Action.ALLOTMENT_RECEIVE,
            frozenset({AllotmentState.HANDED_OVER.value}),
            AllotmentState.RECEIVED.value,
            "签收",
        ),
        # A correction takes the last step back; what is withdrawn may be allotted anew.
        *(
            Transition(Action.MOVEMENT_CORRECT, frozenset({after.value}), before.value, "更正")
            for after, before in (
                (AllotmentState.ALLOTTED, AllotmentState.WITHDRAWN),
                (AllotmentState.HANDED_OVER, AllotmentState.ALLOTTED),
                (AllotmentState.RECEIVED, AllotmentState.HANDED_OVER),
            )
        ),
    ],
)
