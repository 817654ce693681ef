"""The way of a report as one table (N16): guard, buttons and diagram."""

from zhicheng.organizations.permissions import Action
from zhicheng.selfissued.models import ReportState as State
from zhicheng.values.lifecycle import Lifecycle, Transition


def _move(action: Action, target: State, label: str) -> Transition:
    return Transition(action, frozenset({State.FILED.value}), target.value, label)


REPORT = Lifecycle(
    "自主发放证书报送",
    {state.value: str(state.label) for state in State},
    [
        _move(Action.SELF_ISSUED_ACCEPT, State.ACCEPTED, "收录"),
        _move(Action.SELF_ISSUED_RETURN, State.RETURNED, "退回"),
        _move(Action.SELF_ISSUED_WITHDRAW, State.WITHDRAWN, "撤回"),
    ],
)
