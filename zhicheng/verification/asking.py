"""The one way that every public question goes: counted, looked up, answered, then noted.

What is noted (a lost blank, a certificate that shouldn't be about, who asked) is written after the
answer was sent, so neither its words nor its time tell of it.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from django.http import HttpRequest, HttpResponse

from zhicheng.blanks import alarms
from zhicheng.reissues.actions_old import seen_in_public
from zhicheng.reissues.models import SightingChannel
from zhicheng.verification.queries import Answer, Finding, lost_blanks
from zhicheng.verification.rules import GONE, Standing
from zhicheng.web.limits import guarded

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Question:
    """What a visitor asks. ``way`` is how: by person, by number, by report …

    ``channel`` is what a lost or void certificate in the answer is recorded as; beyond
    ``most_about_one`` (0: no limit) nobody is answered about this number for the hour. The repr,
    which could get into an error's text, says nothing.
    """

    way: str
    name: str = ""
    id_number: str = ""
    number: str = ""
    channel: str = SightingChannel.QUERY
    most_about_one: int = 0

    def __repr__(self) -> str:
        return f"<Question by {self.way}>"


class Found(Protocol):
    """What an answer shows: a certificate, or a report of one."""

    @property
    def number(self) -> str:
        """The certificate's number."""
        ...

    @property
    def standing(self) -> Standing:
        """How it stands today."""
        ...


F = TypeVar("F", bound=Found)


def answered(
    request: HttpRequest,
    question: Question,
    find: Finding | Callable[[], Sequence[F]],
    show: Callable[[Sequence[F]], HttpResponse],
) -> HttpResponse:
    """The page that ``show`` makes of what ``find`` finds. Raises Challenged or TooOften."""
    guard = guarded(
        request,
        name=question.name,
        id_number=question.id_number,
        number=question.number,
        most_about_one=question.most_about_one,
        beside=find.beside() if isinstance(find, Finding) else None,
    )
    found: Sequence[Any] = find.answer(guard.rows) if isinstance(find, Finding) else find()
    guard.settle(way=question.way, found=[one.number for one in found])
    gone = [one.number for one in found if one.standing in GONE]
    lost = found.lost_blanks if isinstance(found, Answer) else None
    return guard.even(watched(show(found), question, gone, lost))


def watched(
    answer: HttpResponse,
    question: Question,
    gone: Sequence[str],
    lost: Sequence[tuple[str, int]] | None = None,
) -> HttpResponse:
    """Raises the alarm of a lost blank on which a certificate lay that somebody asks for (N18).

    ``gone`` are certificates in the answer that are void or reported lost: that somebody asks for
    them is recorded (N12). ``lost`` are the blanks, where they are known already.
    """
    close = answer.close

    def closed() -> None:
        """The server has sent everything."""
        close()
        _note(question, gone, lost)

    answer.close = closed  # type: ignore[method-assign]
    return answer


def _note(question: Question, gone: Sequence[str], lost: Sequence[tuple[str, int]] | None) -> None:
    try:
        if lost is None:
            lost = lost_blanks(question.name, question.id_number, question.number)
        if gone:
            seen_in_public(numbers=gone, channel=question.channel)
        by_certificate: dict[str, list[int]] = {}
        for number, serial in lost:
            by_certificate.setdefault(number, []).append(serial)
        for number, serials in by_certificate.items():
            alarms.sighted_in_public(serials=serials, attempted=f"查询证书 {number}")
    except Exception as error:
        # The visitor has the answer already; whoever runs the server has to know, but not of whom
        # was asked: an error's text may hold it.
        logger.error("the alarm of a public query was not recorded: %s", type(error).__name__)
