"""Reads of the kept proofs."""

from zhicheng.proofs.models import Proof, Subject


def latest(subject: Subject) -> Proof | None:
    """The newest run of this proof, or None before the first."""
    return Proof.objects.filter(subject=subject).first()
