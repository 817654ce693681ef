"""Pages cast from moulds say what their templates say, and escape what is filled in."""

from datetime import date

import pytest
from django.db import connections
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import resolve
from django.utils import translation

from zhicheng.verification.answer_page import answer_page
from zhicheng.verification.rules import Record, Source, Standing
from zhicheng.verification.showing import display
from zhicheng.web.moulds import Mould, place

RECORD = Record(
    source=Source.REGISTER,
    number="2026<b>1&2",
    name="张'\"<script>",
    person=b"",
    id_number_masked="500***********0000",
    specialty="电气 & 工程",
    qualification="工程师",
    approval_date=date(2026, 1, 2),
    document_number="某职改办〔2026〕1号",
    grade="intermediate",
)
SAME = {"number": "n", "name": "", "person": b""}


def test_what_fills_a_place_is_escaped_and_not_looked_through() -> None:
    mould = Mould(f"<p title='{place('a')}'>{place('b')}</p>")
    assert mould.fill({"a": "'x", "b": place("a")}) == f"<p title='&#x27;x'>{place('a')}</p>"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"sex": "男", "issuing_unit": "<i>", "issued_on": date(2026, 3, 4), "disputed": True},
        {"source": Source.SELF_ISSUED, "issuing_unit": "某院", "approving_department": "某委"},
        {"source": Source.LEGACY, "month_only": True, "document_date": date(1999, 12, 31)},
        {"standing": Standing.REPLACED, "self_managed": True, "grade": ""},
    ],
)
def test_a_cast_card_is_the_rendered_card(more: dict[str, object], language: str) -> None:
    record = Record(**{**RECORD.__dict__, **more})  # type: ignore[arg-type]
    request = RequestFactory(HTTP_HOST="localhost").post("/?a=<b>")
    request.resolver_match = resolve("/")
    with translation.override(language):
        pages = [answer_page(request, [record, RECORD]).content.decode() for _ in range(2)]
        token = pages[0].partition('csrfmiddlewaretoken" value="')[2][:64]
        card = render_to_string(
            "verification/_card.html",
            {"item": display(record), "first": True, "csrf_token": token},
        )
    assert card in pages[0]
    assert place("")[0] not in pages[1] and "<script>&#" not in pages[1]
    assert '<html lang="' + language in pages[1] and "/?a=%3Cb%3E" in pages[1]


@pytest.mark.django_db
def test_a_thread_whose_connection_was_dropped_gets_another() -> None:
    mine = connections.create_connection("default")
    mine.settings_dict = {
        **mine.settings_dict,
        "NAME": connections["default"].settings_dict["NAME"],
    }
    text = "SELECT pg_backend_pid() WHERE %(a)s = %(a)s::text"
    try:
        first = mine.rows(text, {"a": "x"})  # type: ignore[attr-defined]
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [first[0][0]])
        # The next request, after a rest.
        mine.health_check_enabled, mine.health_check_done = True, False
        mine._used = 0.0  # type: ignore[attr-defined]
        assert mine.rows(text, {"a": "x"}) != first  # type: ignore[attr-defined]
    finally:
        mine.close()
