"""Shows the whole ID number of a certificate and writes down who looked, and why."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from zhicheng.audit.recording import recorded
from zhicheng.certificates.models import Certificate
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.protection import reveal
from zhicheng.values.refusal import Refusal

# Fixed choices, no free text: what people type here would stand in the audit chain for ever.
PURPOSES: Mapping[str, object] = {
    "issue": _("发放时核对持证人身份"),
    "filling": _("核对证书填制内容"),
    "inquiry": _("答复本人或单位查询"),
    "supervision": _("监督检查"),
}


def show_id_number(*, actor: Account, certificate: Certificate, purpose: str) -> str:
    """The whole number; raises NotPermitted, or Refusal without a known purpose."""
    require(actor, Action.PERSON_UNMASK, certificate)
    require_purpose(purpose)
    with recorded(actor, Action.PERSON_UNMASK) as record:
        record(subject=certificate, data={"purpose": purpose})
    return reveal(bytes(certificate.id_number_cipher))


def require_purpose(purpose: str) -> None:
    """Raises Refusal without a known purpose."""
    if purpose not in PURPOSES:
        raise Refusal(
            "unmask.purpose_missing",
            "查看完整身份证号码须选择用途。",
            clause="N18",
            expected="、".join(str(label) for label in PURPOSES.values()),
            mend="请选择用途后再查看。",
        )
