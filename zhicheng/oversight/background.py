"""The auditor's proof of the chain as work: it walks every event, and the page needn't wait."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from zhicheng.audit.verify import verify
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.proofs.actions import prove
from zhicheng.proofs.models import Proof, Subject
from zhicheng.work.actions import ask_for
from zhicheng.work.kinds import Job, register_kind
from zhicheng.work.models import Work

VERIFY = "audit.verify"


def ask_verify(account: Account) -> Work:
    """Asks the worker for the proof that runs every hour, now."""
    return ask_for(
        VERIFY,
        account=account,
        subject=_("审计链"),
        back=reverse("audit:verify"),
        # One walk at a time, whoever asks: it reads every event.
        lock=VERIFY,
    )


def _verify(job: Job) -> None:
    require(job.account, Action.AUDIT_VERIFY)

    def finish(proof: Proof) -> None:
        said = _("审计链验证通过。") if proof.passed else _("审计链验证发现问题，请立即查看。")
        job.finish(reverse("audit:verify"), said)

    prove(Subject.AUDIT, verify, also=finish)


def register_kinds() -> None:
    """Makes it known to the worker and the pages."""
    register_kind(VERIFY, _l("验证审计链"), _verify)
