"""Asking for long work; who may do it, the action that does it decides, and records it."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.manager import JobManager

from zhicheng.organizations.models import Account
from zhicheng.protection import protect_bytes
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers
from zhicheng.work.kinds import kind_of
from zhicheng.work.models import UNFINISHED, Work

MOST_AT_ONCE = 10


def _harmless(value: Any) -> Any:
    """A parameter without ID numbers: a file may be called by one, and the table is no secret."""
    return hide_id_numbers(value) if isinstance(value, str) else value


def ask_for(
    kind: str,
    *,
    account: Account,
    subject: str,
    back: str,
    parameters: dict[str, Any] | None = None,
    content: bytes = b"",
    lock: str = "",
    most: int = MOST_AT_ONCE,
) -> Work:
    """Puts a piece of work into the queue; gives the one that is there already, if it is the same.

    ``parameters`` are plain values; ID numbers in their texts are masked (invariant 10). ``back``
    is the page to go back to when it is refused. Pieces of work with the same ``lock`` run one
    after the other. Raises Refusal when ``most`` of the account's wait already.
    """
    kind_of(kind)
    given = {name: _harmless(value) for name, value in (parameters or {}).items()}
    told = json.dumps([kind, account.pk, given], sort_keys=True).encode()
    fingerprint = hashlib.sha256(told + b"\0" + hashlib.sha256(content).digest()).hexdigest()
    with transaction.atomic():
        # One question at a time for each account, so that a double click finds the first one's.
        Account.objects.select_for_update(no_key=True).filter(pk=account.pk).exists()
        unfinished = Work.objects.filter(account=account, state__in=UNFINISHED).defer("payload")
        same = unfinished.filter(fingerprint=fingerprint).first()
        if same is not None:
            return same
        if unfinished.count() >= most:
            raise Refusal(
                "work.too_many",
                "您提出的后台处理还有多项没有完成，没有再收下这一项。",
                found=f"{most} 项",
                expected=f"同时不超过 {most} 项",
                mend="请等前面的处理完成后再提出。",
            )
        work = Work.objects.create(
            kind=kind,
            subject=hide_id_numbers(subject)[:200],
            account=account,
            language=get_language() or "zh-hans",
            parameters=given,
            payload=protect_bytes(content) if content else None,
            fingerprint=fingerprint,
            back=back,
        )
        from zhicheng.work.jobs import run_work

        queued = run_work.configure(lock=lock or f"work-{work.pk}")
        # Within a worker the app has a connection of its own, on which the job would stand in the
        # queue before this transaction commits, and be taken up for nothing.
        queued.job_manager = JobManager(DjangoConnector())
        queued.defer(work_id=work.pk)
    return work
