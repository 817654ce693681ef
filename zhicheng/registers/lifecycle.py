"""The register's way as a table (N3): guard, buttons, audit text and diagram.

There are two: units without authority to manage go through their department's endorsement,
units with authority don't. ``of`` says which one a register takes.
"""

from zhicheng.organizations.permissions import Action
from zhicheng.registers.models import Register
from zhicheng.registers.models import RegisterState as State
from zhicheng.values.lifecycle import Lifecycle, Transition

_EDITABLE = (State.DRAFT.value, State.RETURNED.value)


def _move(action: Action, label: str, target: State, *sources: str) -> Transition:
    return Transition(action, frozenset(sources), target.value, label)


def _lifecycle(*, endorsed: bool) -> Lifecycle:
    submitted = State.ENDORSING if endorsed else State.FILED
    on_its_way = {submitted.value, State.FILED.value}
    moves = [
        # What changes the content leaves the state as it is.
        *(_move(Action.REGISTER_CORRECT, "更正", State(state), state) for state in _EDITABLE),
        *(_move(Action.REGISTER_REPLACE, "重新上传", State(state), state) for state in _EDITABLE),
        *(_move(Action.NUMBERS_ASSIGN, "编号", State(state), state) for state in _EDITABLE),
        _move(Action.REGISTER_SUBMIT, "提交", submitted, *_EDITABLE),
        _move(Action.REGISTER_WITHDRAW, "撤回", State.DRAFT, *on_its_way),
    ]
    if endorsed:
        waiting = State.ENDORSING.value
        moves += [
            _move(Action.REGISTER_ENDORSE, "主管部门签章", State.FILED, waiting),
            _move(Action.REGISTER_RETURN_BY_DEPARTMENT, "主管部门退回", State.RETURNED, waiting),
        ]
    moves += [
        _move(Action.REGISTER_ACCEPT, "受理", State.ACCEPTED, State.FILED.value),
        _move(Action.REGISTER_RETURN, "退回", State.RETURNED, State.FILED.value),
    ]
    return Lifecycle("登记表", {state.value: str(state.label) for state in State}, moves)


REGISTER = _lifecycle(endorsed=True)
REGISTER_WITH_AUTHORITY = _lifecycle(endorsed=False)


def of(register: Register) -> Lifecycle:
    """The table for this register: with endorsement where a department supervises (N3)."""
    return REGISTER if register.endorser_id is not None else REGISTER_WITH_AUTHORITY
