"""Runs a proof and keeps what it found."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol

from django.db import transaction
from django.utils import timezone

from zhicheng.proofs.models import Proof, Subject

KEPT_DAYS = 400
logger = logging.getLogger("zhicheng.proofs")


class Report(Protocol):
    """What a proof gives."""

    @property
    def passed(self) -> bool:
        """Whether everything held."""
        ...

    def as_dict(self) -> dict[str, Any]:
        """As for ``--json``."""
        ...


def prove(
    subject: Subject, run: Callable[[], Report], also: Callable[[Proof], None] | None = None
) -> Proof:
    """Run the proof and keep its report; a failed one goes to the log, by numbers only.

    ``also`` is called within the transaction that keeps the report.
    """
    started = timezone.now()
    report = run()
    with transaction.atomic():
        proof = Proof.objects.create(
            subject=subject,
            started_at=started,
            finished_at=timezone.now(),
            passed=report.passed,
            report=report.as_dict(),
        )
        if also is not None:
            also(proof)
    if not report.passed:
        faults = len(proof.report.get("faults", ()))
        logger.error("proof %s of %s failed: %s faults", proof.pk, subject.value, faults)
    Proof.objects.filter(
        subject=subject, passed=True, started_at__lt=started - timedelta(days=KEPT_DAYS)
    ).delete()
    return proof
