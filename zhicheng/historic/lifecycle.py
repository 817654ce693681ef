"""Old ledgers and registrations, each as one table: guard, buttons, audit text and diagram."""

from zhicheng.historic.models import LedgerState, RegistrationState
from zhicheng.organizations.permissions import Action
from zhicheng.values.lifecycle import Lifecycle, Transition

_UPLOADED, _MAPPED, _CHECKED, _IMPORTED, _TAKEN_BACK, _DISCARDED = (
    state.value for state in LedgerState
)
LEDGER = Lifecycle(
    "历史台账",
    {state.value: str(state.label) for state in LedgerState},
    [
        Transition(
            Action.LEDGER_MAP,
            frozenset({_UPLOADED, _MAPPED, _CHECKED}),
            _MAPPED,
            "对应栏目并检查",
        ),
        Transition(Action.LEDGER_UPLOAD, frozenset({_MAPPED}), _CHECKED, "检查完毕"),
        Transition(Action.LEGACY_IMPORT, frozenset({_CHECKED}), _IMPORTED, "导入"),
        Transition(
            Action.LEDGER_DISCARD,
            frozenset({_UPLOADED, _MAPPED, _CHECKED}),
            _DISCARDED,
            "放弃",
        ),
        Transition(Action.LEDGER_TAKE_BACK, frozenset({_IMPORTED}), _TAKEN_BACK, "整批撤回"),
    ],
)

_DRAFT, _SUBMITTED, _AGREED, _RETURNED, _ACCEPTED, _CERTIFIED, _REFUSED, _WITHDRAWN = (
    state.value for state in RegistrationState
)
REGISTRATION = Lifecycle(
    "历史证书登记",
    {state.value: str(state.label) for state in RegistrationState},
    [
        Transition(
            Action.HISTORIC_SUBMIT, frozenset({_DRAFT, _RETURNED}), _SUBMITTED, "持证人提交"
        ),
        Transition(Action.HISTORIC_CHECK, frozenset({_SUBMITTED}), _AGREED, "单位核对无误"),
        Transition(
            Action.HISTORIC_ACCEPT, frozenset({_AGREED}), _ACCEPTED, "市职改办审核通过，入库"
        ),
        Transition(Action.HISTORIC_CERTIFY, frozenset({_ACCEPTED}), _CERTIFIED, "生成电子证书"),
        Transition(Action.HISTORIC_RETURN, frozenset({_SUBMITTED, _AGREED}), _RETURNED, "退回补正"),
        Transition(Action.HISTORIC_REFUSE, frozenset({_SUBMITTED, _AGREED}), _REFUSED, "不予登记"),
        Transition(
            Action.HISTORIC_WITHDRAW,
            frozenset({_DRAFT, _RETURNED, _SUBMITTED, _AGREED}),
            _WITHDRAWN,
            "持证人撤回",
        ),
    ],
)
