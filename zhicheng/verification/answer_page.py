"""The page of the public answer: its frame and a card for each certificate, cast from moulds."""

from collections.abc import Sequence
from datetime import date
from types import SimpleNamespace

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from zhicheng.verification.rules import Record, Source
from zhicheng.verification.showing import Shown, display
from zhicheng.web.moulds import frame_texts, mould, place, stand_in
from zhicheng.web.saying import say

_OF_RECORD = (
    *("number", "name", "sex", "id_number_masked", "specialty", "qualification"),
    *("document_number", "issuing_unit", "approving_department"),
)
_OF_SHOWN = ("approved", "documented", "issued")

# Whose card is made when nobody was found.
_NOBODY = Record(
    source=Source.REGISTER,
    number="2026000000001",
    name="某某",
    person=b"",
    id_number_masked="500***********0000",
    specialty="电气工程",
    qualification="工程师",
    approval_date=date(2026, 1, 1),
    document_number="某职改办〔2026〕1号",
    issuing_unit="某单位",
    approving_department="某部门",
    work_unit="某单位",
    sex="男",
    grade="intermediate",
    issued_on=date(2026, 1, 1),
)


def answer_page(request: HttpRequest, found: Sequence[Record]) -> HttpResponse:
    """The page; a hit also makes what a miss would show, and the other way round.

    So a hit isn't known by the time that a card takes.
    """
    token, language = get_token(request), get_language()
    nothing = mould("verification/_none.html", (language,), dict).fill({})
    made = "".join(
        _card(display(record), token, language, first=not order)
        for order, record in enumerate(found or [_NOBODY])
    )
    match = request.resolver_match
    frame = mould(
        "verification/answer.html",
        (language, match.view_name if match else ""),
        lambda: {
            "request": stand_in(request),
            "csrf_token": place("csrf_token"),
            "cards": place("cards"),
            "asked_at": place("asked_at"),
        },
    )
    texts = {
        **frame_texts(request),
        "csrf_token": token,
        "cards": mark_safe(made if found else nothing),  # noqa: S308 - rendered above
        "asked_at": f"{timezone.localtime():%Y-%m-%d %H:%M:%S}",
    }
    return HttpResponse(frame.fill(texts))


def _card(item: Shown, token: str, language: str | None, *, first: bool) -> SafeString:
    record = item.record
    texts = {name: getattr(record, name) for name in _OF_RECORD}
    texts |= {name: getattr(item, name) for name in _OF_SHOWN}
    texts["sex"] = say(record.sex)  # the template can't: it sees a place only
    said = tuple(name for name, text in texts.items() if text)
    marks = {"disputed": record.disputed, "self_managed": record.self_managed}
    words = {
        "grade": item.grade,
        "source": item.source,
        "told": item.told,
        "unified": item.unified,
    }

    def context() -> dict[str, object]:
        places = {name: place(name) if name in said else "" for name in texts}
        of_record = {name: places[name] for name in _OF_RECORD}
        of_shown = {name: places[name] for name in _OF_SHOWN}
        blank = SimpleNamespace(record=SimpleNamespace(**of_record, **marks), **of_shown, **words)
        return {"item": blank, "first": first, "csrf_token": place("csrf_token")}

    key = (language, first, said, *marks.values(), *words.values())
    texts["csrf_token"] = token
    return mark_safe(mould("verification/_card.html", key, context).fill(texts))  # noqa: S308
