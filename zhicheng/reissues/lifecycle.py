"""The application's way as one table (N10-N12): guard, buttons, audit text and diagram."""

from zhicheng.organizations.permissions import Action
from zhicheng.reissues.models import ReissueState as State
from zhicheng.values.lifecycle import Lifecycle, Transition


def _move(action: Action, sources: tuple[State, ...], target: State, label: str) -> Transition:
    return Transition(action, frozenset(item.value for item in sources), target.value, label)


_UNDER_WAY = (State.APPLIED, State.RETURNED, State.OPINIONS, State.GRANTED)

REISSUE = Lifecycle(
    "补办换发申请",
    {state.value: str(state.label) for state in State},
    [
        _move(Action.REISSUE_SUBMIT, (State.DRAFT, State.RETURNED), State.APPLIED, "提交"),
        _move(Action.REISSUE_ACCEPT, (State.APPLIED,), State.OPINIONS, "受理"),
        _move(Action.REISSUE_OPINE, (State.OPINIONS,), State.GRANTED, "最后一级同意"),
        _move(Action.REISSUE_RECORD_OPINION, (State.OPINIONS,), State.GRANTED, "最后一级同意"),
        _move(
            Action.REISSUE_RETURN,
            (State.APPLIED, State.OPINIONS, State.GRANTED),
            State.RETURNED,
            "退回补正",
        ),
        _move(
            Action.REISSUE_REFUSE,
            (State.APPLIED, State.RETURNED, State.OPINIONS, State.GRANTED),
            State.REFUSED,
            "不予办理",
        ),
        _move(Action.REISSUE_HAND_OUT, (State.GRANTED,), State.COLLECTED, "领取空白证书"),
        _move(Action.CERTIFICATE_FILL, (State.COLLECTED,), State.MAKING, "填制"),
        _move(Action.CERTIFICATE_ISSUE, (State.MAKING,), State.DONE, "核发，原证书作废"),
        _move(Action.REISSUE_WITHDRAW, (State.DRAFT, *_UNDER_WAY), State.ENDED, "撤回"),
        _move(Action.REISSUE_EXPIRE, (State.DRAFT,), State.ENDED, "逾期未提交"),
        _move(Action.REISSUE_FOUND, _UNDER_WAY, State.ENDED, "原证书找到"),
        # Which of both: whether an empty blank lies at the unit, ``ending.end`` knows.
        *(
            _move(action, (State.COLLECTED, State.MAKING), target, f"{label}{how}")
            for action, label in (
                (Action.REISSUE_WITHDRAW, "撤回"),
                (Action.REISSUE_FOUND, "原证书找到"),
            )
            for target, how in (
                (State.CLOSING, "，空白证书待交回"),
                (State.ENDED, "，没有空白证书待交回"),
            )
        ),
        _move(Action.REISSUE_TAKE_BACK, (State.CLOSING,), State.ENDED, "交回空白证书"),
    ],
)
