"""Writes audit events: ``with recorded(actor, Action.X) as record`` around every state change.

The events of a transaction are held back and written as its very last statements, under an
advisory lock. Deferred constraints are checked before, so between taking the lock and the commit
nothing else can wait: unrelated work is held up for no longer than an insert (invariant 8).
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

from django.db import OperationalError, connection, models, transaction
from django.utils import timezone
from psycopg import errors

from zhicheng.audit.chain import GENESIS, EventFields, link
from zhicheng.audit.models import AuditEvent, AuditHead
from zhicheng.values.id_number import LENGTH, holds_adults
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers

logger = logging.getLogger(__name__)

CHAIN_LOCK = 0x7A686963  # any fixed number: "zhic"
ATTEMPTS = 5
_SMALLEST = 10 ** (LENGTH - 1)  # number that has the digits of an ID number

P = ParamSpec("P")
R = TypeVar("R")


class ActorLike(Protocol):
    """An account, or the console."""

    @property
    def pk(self) -> Any:
        """The account's id; None for the console."""
        ...

    @property
    def username(self) -> str:
        """Who logs in."""
        ...

    @property
    def organization_id(self) -> int | None:
        """Where they work."""
        ...


@dataclass
class _Pending:
    depth: int = 0
    events: list[EventFields] = field(default_factory=list)


class _Local(threading.local):
    def __init__(self) -> None:
        self.pending = _Pending()
        self.actions = 0
        self.acting: tuple[str, str] | None = None


@dataclass(frozen=True)
class Attempt:
    """An action that was refused: which function, with which arguments, for which event's tag."""

    function: Callable[..., Any]
    arguments: Mapping[str, Any]
    refusal: Refusal


RefusalWatcher = Callable[[Attempt], None]
_watchers: list[RefusalWatcher] = []


def watches_refusals(watcher: RefusalWatcher) -> RefusalWatcher:
    """Registers a function that hears of every refused action, after its rollback.

    It may write in a transaction of its own, and may raise a refusal that says more.
    """
    if watcher not in _watchers:
        _watchers.append(watcher)
    return watcher


_local = _Local()


class Recorder:
    """Collects what one action did; call it once per thing that happened."""

    def __init__(self, actor: ActorLike, tag: str) -> None:
        self.actor = actor
        self.tag = tag

    def __call__(
        self,
        *,
        subject: models.Model | None = None,
        data: Mapping[str, Any] | None = None,
        rows: str = "",
        ids: Sequence[int] = (),
        digests: Sequence[bytes] = (),
        tag: str = "",
    ) -> None:
        """Notes an event.

        ``data`` is JSON without ID numbers. One that is there all the same is masked, for an event
        stays for good: refusing would stop the work of whoever can't mend it, and a certificate
        number may look like one by chance. A batch names the table of its rows (``rows``),
        their ``ids`` and, for rows that ``audit verify`` watches, a 32-byte digest each in the
        same order.
        """
        if digests and len(digests) != len(ids):
            raise ValueError("one digest for each row")
        display = getattr(self.actor, "display_name", "")
        today = timezone.localdate()
        told = _masked(dict(data or {}), today)
        if told != dict(data or {}):
            logger.warning("an event of %s held an ID number: it is masked", tag or self.tag)
        actor_name = f"{self.actor.username} {display}".strip()
        if holds_adults(actor_name, today):
            # Of an account called so before names were checked, which has to go on working.
            actor_name = hide_id_numbers(actor_name)
        _local.pending.events.append(
            EventFields(
                sequence=0,
                occurred_at=timezone.now(),
                tag=str(tag or self.tag),
                actor_id=self.actor.pk,
                actor_name=actor_name,
                organization_id=self.actor.organization_id,
                subject_type=subject._meta.label_lower if subject is not None else "",
                subject_id=subject.pk if subject is not None else None,
                data=told,
                row_type=rows,
                row_ids=list(ids),
                row_digests=b"".join(bytes(digest) for digest in digests),
            )
        )


def _masked(value: Any, today: date) -> Any:
    """The same, ID numbers masked; serials and keys are numbers far below one."""
    if isinstance(value, str):
        return hide_id_numbers(value) if holds_adults(value, today) else value
    if isinstance(value, int):
        return _masked(str(value), today) if value >= _SMALLEST else value
    if isinstance(value, Mapping):
        return {_masked(name, today): _masked(item, today) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        plain = all(isinstance(item, int) and item < _SMALLEST for item in value)
        return value if plain else type(value)(_masked(item, today) for item in value)
    return value


@contextmanager
def recorded(actor: ActorLike, tag: str) -> Iterator[Recorder]:
    """One transaction in which something changes and says so.

    Raises RuntimeError when nothing was recorded: a change without an event is a defect. Inside
    another ``recorded`` block it joins that block's transaction and chain write, and its events
    count for that block too: so several actions become one step, all or nothing.
    """
    pending = _local.pending
    outermost = pending.depth == 0
    mark = len(pending.events)
    pending.depth += 1
    try:
        with transaction.atomic():
            recorder = Recorder(actor, tag)
            with _acting(actor, tag):
                yield recorder
            if len(pending.events) == mark:
                raise RuntimeError(f"{tag} changed something without an audit event")
            if outermost:
                _append(pending.events)
    except BaseException as error:
        del pending.events[mark:]
        if isinstance(error, Refusal) and not error.attempted:
            error.attempted = str(tag)
        raise
    finally:
        pending.depth -= 1
        if outermost:
            pending.events.clear()


@contextmanager
def _acting(actor: ActorLike, tag: str) -> Iterator[None]:
    """The database knows who acts and how, until the end of the transaction: triggers use it."""
    outer = _local.acting
    _local.acting = (str(actor.pk or ""), str(tag))
    try:
        _tell_database(_local.acting)
        yield
        if outer is not None:
            _tell_database(outer)
    finally:
        _local.acting = outer


def _tell_database(acting: tuple[str, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('zhicheng.account', %s, true),"
            " set_config('zhicheng.action', %s, true)",
            list(acting),
        )


def _append(events: list[EventFields]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    head, _created = AuditHead.objects.get_or_create(only=True)
    sequence, previous = head.sequence, bytes(head.digest) or GENESIS
    written = []
    for event in events:
        sequence += 1
        event["sequence"] = sequence
        key_id, digest = link(event, previous)
        written.append(AuditEvent(**event, key_id=key_id, previous=previous, digest=digest))
        previous = digest
    AuditEvent.objects.bulk_create(written)
    AuditHead.objects.update(sequence=sequence, digest=previous)


def retrying(function: Callable[P, R]) -> Callable[P, R]:
    """Around every action: tried again when PostgreSQL broke a deadlock at its cost.

    Only around whole actions: inside somebody else's transaction the fault goes up to them. When
    the outermost action is refused, the watchers hear of it.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, ATTEMPTS + 1):
            _local.actions += 1
            try:
                return function(*args, **kwargs)
            except OperationalError as error:
                broken = isinstance(
                    error.__cause__, errors.DeadlockDetected | errors.SerializationFailure
                )
                if not broken or attempt == ATTEMPTS or connection.in_atomic_block:
                    raise
            except Refusal as refusal:
                if _local.actions == 1:
                    for watcher in _watchers:
                        watcher(Attempt(function, kwargs, refusal))
                raise
            finally:
                _local.actions -= 1
        raise AssertionError("unreachable")

    return run
