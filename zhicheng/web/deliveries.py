"""Messages that wait in a table until the other side took them: claimed, posted, tried again.

One way for webhooks and messengers. A row is claimed by moving its next attempt, so a worker that
dies leaves it to be sent again, and no transaction is open while the other side takes its time.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from django.db import models, transaction
from django.utils import timezone

from zhicheng.values.webhooks import next_delay
from zhicheng.web import sending

WAITING, DELIVERED, DEAD = "waiting", "delivered", "dead"
LOG_LINES = 20

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Letter:
    """What is posted, and where; ``understood`` reads an answer that says no with a good status."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    understood: Callable[[bytes], bool] | None = None


@dataclass(frozen=True)
class Queue(Generic[M]):
    """A table of messages: ``target`` names the relation to whom they go.

    Its rows have ``state``, ``attempts``, ``next_attempt_at``, ``delivered_at`` and ``log``.
    """

    model: type[M]
    target: str
    letter: Callable[[M], Letter]

    def deliver(self, most: int, seconds: float) -> int:
        """Sends what is due, for so long at most; gives how many were sent.

        An address that failed once is left alone for the rest of the round: one that hangs would
        hold up all others.
        """
        until = time.monotonic() + seconds
        failing: set[int] = set()
        for number in range(most):
            if time.monotonic() >= until or not self.deliver_one(failing):
                return number
        return most

    def deliver_one(self, failing: set[int] | None = None) -> bool:
        """Sends the message that waits longest; False when none is due."""
        failing = set() if failing is None else failing
        claimed = self._claim(failing)
        if claimed is None:
            return False
        now = timezone.now()
        sent = self._post(claimed)
        if not sent.arrived:
            failing.add(getattr(claimed, f"{self.target}_id"))
        self._settle(claimed, sent, (timezone.now() - now).total_seconds())
        return True

    def _post(self, claimed: M) -> sending.Sent:
        """What can't even be written (a key that is gone) fails like any other, alone."""
        try:
            letter = self.letter(claimed)
        except Exception as error:  # noqa: BLE001 - one message must not hold up all others
            return sending.Sent(None, f"无法生成消息：{type(error).__name__}")
        return sending.post(letter.url, letter.body, letter.headers, letter.understood)

    @transaction.atomic
    def _claim(self, failing: set[int]) -> M | None:
        rows: Any = self.model._default_manager
        found: Any = (
            rows.select_for_update(of=("self",), skip_locked=True)
            .select_related(self.target)
            .filter(state=WAITING, next_attempt_at__lte=timezone.now())
            .exclude(**{f"{self.target}__in": failing})
            .order_by("next_attempt_at", "id")
            .first()
        )
        if found is not None:
            found.attempts += 1
            found.next_attempt_at = timezone.now() + timedelta(seconds=6 * sending.TIMEOUT)
            found.save(update_fields=["attempts", "next_attempt_at"])
        return found

    def _settle(self, delivery: Any, sent: sending.Sent, seconds: float) -> None:
        now = timezone.now()
        line = {
            "at": timezone.localtime(now).isoformat(sep=" "),
            "status": sent.status,
            "fault": sent.fault,
            "seconds": round(seconds, 2),
        }
        delay = next_delay(delivery.attempts)
        values: dict[str, Any] = {"log": [*delivery.log[-(LOG_LINES - 1) :], line]}
        if sent.arrived:
            values |= {"state": DELIVERED, "delivered_at": now, "next_attempt_at": None}
        elif delay is None:
            values |= {"state": DEAD, "next_attempt_at": None}
        else:
            values["next_attempt_at"] = now + timedelta(seconds=delay)
        # What was ended meanwhile has given its messages up.
        rows: Any = self.model._default_manager
        rows.filter(pk=delivery.pk, state=WAITING).update(**values)
