"""The certificate's path as one table (N8): guard, buttons, audit text and diagram."""

from zhicheng.certificates.models import CertificateState as State
from zhicheng.organizations.permissions import Action
from zhicheng.values.lifecycle import Lifecycle, Transition

CERTIFICATE = Lifecycle(
    "证书",
    {state.value: str(state.label) for state in State},
    [
        Transition(
            Action.CERTIFICATE_FILL,
            frozenset({State.AWAITING_BLANK.value}),
            State.FILLED.value,
            "用换取的空白证书重制",
        ),
        Transition(
            Action.CERTIFICATE_SPOIL,
            frozenset({State.FILLED.value, State.SEALED.value, State.EMBOSSED.value}),
            State.FILLED.value,
            "错制作废，用备用证书重制",
        ),
        Transition(
            Action.CERTIFICATE_SEAL,
            frozenset({State.FILLED.value}),
            State.SEALED.value,
            "加盖公章",
        ),
        Transition(
            Action.CERTIFICATE_EMBOSS,
            frozenset({State.SEALED.value}),
            State.EMBOSSED.value,
            "加盖钢印",
        ),
        Transition(
            Action.CERTIFICATE_ISSUE,
            frozenset({State.EMBOSSED.value}),
            State.ISSUED.value,
            "发放",
        ),
    ],
)
