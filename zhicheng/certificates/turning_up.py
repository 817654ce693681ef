"""A certificate that is void or reported lost turns up in somebody's hands (N12, N18)."""

from collections.abc import Callable

from zhicheng.certificates.models import Certificate, VoidReason
from zhicheng.organizations.models import Account
from zhicheng.values.refusal import Refusal

# (whoever has it in hand, the certificate, where): the folder of reissues writes it down.
Watcher = Callable[[Account, Certificate, str], None]
_watchers: list[Watcher] = []
GONE = "certificate.gone"  # the rule of the refusal


def watches_gone(watcher: Watcher) -> Watcher:
    """Registers who writes down that such a certificate turned up; call it from ``ready``."""
    if watcher not in _watchers:
        _watchers.append(watcher)
    return watcher


def turned_up(actor: Account, certificate: Certificate, where: str) -> Refusal | None:
    """Tells the watchers of a void or lost certificate, and what to do; None for any other.

    Not within a transaction that may be rolled back: that it turned up stays on record.
    """
    void, lost = certificate.voided_at is not None, certificate.lost_at is not None
    if not void and not lost:
        return None
    for watcher in _watchers:
        watcher(actor, certificate, where)
    state = certificate.get_void_reason_display() if void else "已报失"
    return Refusal(
        GONE,
        "这是作废的证书，请扣下实物。" if void else "这是已报失的证书，请扣下实物。",
        clause="N12",
        found=f"{certificate.number}（{state}）",
        expected="有效的证书",
        mend=(
            "证书已被撤销，请收回实物，交市职改办。"
            if certificate.void_reason == VoidReason.REVOKED
            else "请在补办换发申请上登记收回的原证书。"
            if void
            else "持证人找到证书的，请在补办申请上报告找到；否则请向办理单位报告。"
        ),
    )
