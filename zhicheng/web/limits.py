"""The one door of every public question: ``guarded`` limits, challenges, counts and evens it.

    guard = guarded(request, name=..., id_number=..., number=...)   # may raise
    found = find(...)
    guard.settle(way="person", found=[...numbers...])
    return guard.even(render(...))

Counted in PostgreSQL, the same for every web process (docs/resistance.md says what each limit is
for). ``count_question`` is for what tells nothing about persons: it only limits the address.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.database.asked import Asked
from zhicheng.values.refusal import Refusal
from zhicheng.web.asking import challenge, counting, rules
from zhicheng.web.asking.counting import address_of
from zhicheng.web.asking.evenness import even
from zhicheng.web.asking.rules import Counts, Limits, Verdict, Why

__all__ = [
    "Challenged",
    "Guard",
    "TooOften",
    "address_of",
    "count_question",
    "guarded",
    "records_questions",
]


class TooOften(Refusal):
    """Asked too often; ``retry_after`` seconds later it may be asked again."""

    status = 429

    def __init__(self, why: Why, counts: Counts, limits: Limits) -> None:
        now = timezone.localtime()
        whole_hour = why in (Why.ADDRESS_HOUR, Why.PAIR, Why.SUBJECT)
        past = now.minute * 60 + now.second if whole_hour else now.second
        self.retry_after = (3600 if whole_hour else 60) - past
        self.why = why
        again = _("请在 %(seconds)d 秒后再试。") % {"seconds": self.retry_after}
        if whole_hour:
            again = _("请在 %(minutes)d 分钟后再试。") % {"minutes": self.retry_after // 60 + 1}
        message, found, expected = _told(why, counts, limits)
        super().__init__(
            "query.too_often",
            message,
            found=found,
            expected=expected,
            mend=again,
        )
        if why is Why.EVERYBODY:
            self.status = 503


def _told(why: Why, counts: Counts, limits: Limits) -> tuple[str, str, str]:
    if why is Why.EVERYBODY:
        return _("现在查询的人太多，系统暂时不能回答。"), "", ""
    if why is Why.PAIR:
        return (
            _("您的网络对同一对象查询过于频繁。"),
            "",
            _("每小时不超过 %(limit)d 次") % {"limit": limits.pair_hour},
        )
    if why is Why.SUBJECT:
        return _("这个号码核对的次数过多。"), "", ""
    hour = why is Why.ADDRESS_HOUR
    count = counts.address_hour if hour else counts.address_minute
    limit = limits.address_hour if hour else limits.address_minute
    told = {"count": count, "limit": limit}
    if hour:
        found, expected = _("本小时已查询 %(count)d 次"), _("每小时不超过 %(limit)d 次")
    else:
        found, expected = _("本分钟已查询 %(count)d 次"), _("每分钟不超过 %(limit)d 次")
    return _("查询过于频繁。"), found % told, expected % told


class Challenged(Refusal):
    """The question is answered once a challenge is solved; the page for it keeps what was typed."""

    status = 429

    def __init__(self, address: str, bits: int, fault: challenge.Fault) -> None:
        super().__init__(
            "query.challenge",
            _("请先完成验证。"),
            mend=_("请在公众查询页面上完成验证后再查询。"),
        )
        self.token = challenge.give(address, bits)
        self.bits = bits
        self.words = challenge.words_of(self.token, address)
        self.fault = fault


Recorder = Callable[..., Asked]
_recorders: list[Recorder] = []


def records_questions(recorder: Recorder) -> None:
    """Registers what makes the record of every question (``verification.lookups``)."""
    if recorder not in _recorders:
        _recorders.append(recorder)


@dataclass(frozen=True)
class Guard:
    """A question that may be answered now. Its repr, which could get into a log, tells nothing."""

    address: str
    started: float
    counts: Counts = field(repr=False)
    asked: Mapping[str, str] = field(repr=False)
    rows: Sequence[tuple[Any, ...]] = field(repr=False, default=())

    def settle(self, *, way: str, found: Sequence[str] = (), hit: bool | None = None) -> None:
        """Says how it ended: it is recorded, and a miss brings the address nearer to a challenge.

        ``found`` are the certificates that the answer shows. No answer without its record.
        """
        hit = bool(found) if hit is None else hit
        records = [
            recorder(way=way, found=found, hit=hit, address=self.address, **self.asked)
            for recorder in _recorders
        ]
        counting.count_miss(self.address, not hit, records)

    def even(self, answer: HttpResponse) -> HttpResponse:
        """The answer in its size and at its beat, like any other."""
        return even(answer, self.started)


def guarded(
    request: HttpRequest,
    *,
    name: str = "",
    id_number: str = "",
    number: str = "",
    most_about_one: int = 0,
    beside: Asked | None = None,
) -> Guard:
    """Lets a question through, or raises Challenged or TooOften. Counted whether somebody exists.

    ``number`` is a certificate's, or of whatever else is asked for by a number. Where a right
    answer is worth more than the knowledge that a certificate exists, ``most_about_one`` ends
    the trying of everybody for this hour. ``beside`` is asked with the count, in one statement;
    its rows are the guard's.
    """
    started = time.perf_counter()
    address, allowed = address_of(request), counting.limits()
    solved, fault = challenge.solved(request, address, allowed)
    subjects = counting.subjects_of(id_number=id_number, number=number, name=name)
    counts, rows = counting.count_and_ask(address, subjects, beside)
    verdict, why = rules.judge(counts, replace(allowed, subject_most=most_about_one), solved=solved)
    if verdict is Verdict.REFUSE:
        raise TooOften(why, counts, allowed)
    if verdict is Verdict.CHALLENGE:
        raise Challenged(address, rules.bits_for(counts, allowed), fault)
    asked = {"name": name, "id_number": id_number, "number": number}
    return Guard(address, started, counts, asked, rows)


def count_question(request: HttpRequest) -> None:
    """Counts a question of this address that no challenge can go with: a file, a script's."""
    allowed = counting.limits()
    counts = counting.count(address_of(request), [])
    bare = replace(allowed, misses_hour=0, all_challenge=0, all_misses=0)
    verdict, why = rules.judge(counts, bare, solved=False)
    if verdict is not Verdict.ANSWER:
        raise TooOften(why, counts, allowed)


def challenge_context(request: HttpRequest, challenged: Challenged) -> Mapping[str, object]:
    """What the challenge's page shows: the question, and what was typed as hidden fields."""
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in (*challenge.FIELDS, "csrfmiddlewaretoken")
        for value in values
    ]
    return {"challenge": challenged, "kept": kept, "fault": _FAULTS[challenged.fault]()}


_FAULTS = {
    challenge.Fault.NONE: lambda: "",
    challenge.Fault.STALE: lambda: _("上一个验证已经用过或过期，请完成这一个。"),
    challenge.Fault.WRONG: lambda: _("答案不对，请回答下面这个新问题。"),
    challenge.Fault.EARLY: lambda: _("提交得太快了。请看清问题，几秒钟后再提交。"),
    challenge.Fault.TOO_MANY: lambda: _(
        "本小时内您的网络回答问题的次数已经用完。请用能运行脚本的浏览器，或者下一个整点后再试。"
    ),
}
