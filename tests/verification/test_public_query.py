"""The public query: what a stranger learns, and what nobody learns (N7, design §8)."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.support.city import City, accepted_register, carry, deliver, found_city
from zhicheng.certificates.models import Certificate
from zhicheng.protection import reveal

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    city = found_city()
    register = accepted_register(city, 3)
    deliver(city, 10)
    carry(city, register, "issued")
    return city


def ask(client: Client, **fields: str) -> str:
    page = client.post("/", fields)
    assert page.status_code == 200
    return page.content.decode()


def test_name_and_id_number_find_the_certificate_and_show_the_number_masked(
    client: Client, city: City
) -> None:
    certificate = Certificate.objects.order_by("pk")[0]
    number = reveal(bytes(certificate.id_number_cipher))
    page = ask(client, name=certificate.name, id_number=number)
    for shown in (
        certificate.name,
        certificate.number,
        certificate.qualification,
        certificate.specialty,
        certificate.document_number,
        certificate.id_number_masked,
        "登记表",
        "有效",
    ):
        assert shown in page
    assert number not in page
    small_letters = f" {number[:6]} {number[6:].lower()}"
    assert certificate.number in ask(client, name=f" {certificate.name} ", id_number=small_letters)


def test_number_and_name_find_it_too_and_one_wrong_item_finds_nothing(
    client: Client, city: City
) -> None:
    first, second = Certificate.objects.order_by("pk")[:2]
    assert first.qualification in ask(client, name=first.name, number=first.number)
    for fields in (
        {"name": second.name, "number": first.number},
        {"name": first.name[:-1], "number": first.number},
        {"name": first.name, "number": first.number[:-1]},
        {
            "name": first.name,
            "number": first.number,
            "id_number": reveal(bytes(second.id_number_cipher)),
        },
    ):
        assert "没有查到" in ask(client, **fields)


def test_the_qr_codes_address_asks_for_the_name(client: Client, city: City) -> None:
    certificate = Certificate.objects.order_by("pk")[0]
    address = f"/v/{certificate.number}"
    assert certificate.name not in client.get(address).content.decode()
    assert (
        certificate.qualification
        in client.post(address, {"name": certificate.name}).content.decode()
    )
    assert "没有查到" in client.post(address, {"name": "别人"}).content.decode()


def test_a_stranger_and_a_holder_without_certificate_get_the_same_answer(
    client: Client, city: City
) -> None:
    """Neither words nor the statements that were run tell who exists."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    waiting = accepted_register(city, 1)
    row = waiting.rows.get()
    known = {"name": row.name, "id_number": reveal(bytes(row.id_number_cipher or b""))}
    unknown = {"name": "无此人", "id_number": "500103199001010018"}
    pages, statements = [], []
    for fields in (known, unknown):
        with CaptureQueriesContext(connection) as queries:
            page = ask(client, **fields)
        pages.append(re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|value=\"[^\"]*\"|<!--.*", "", page))
        statements.append(len(queries))
    assert pages[0] == pages[1]
    assert statements[1] == statements[0]


def test_a_question_without_a_number_says_what_is_missing(client: Client) -> None:
    page = client.post("/", {"name": "张三"}).content.decode()
    assert "请填写身份证号码或证书编号" in page


def test_questions_come_by_post_alone_and_no_engine_may_index(client: Client) -> None:
    page = client.get("/", {"name": "张三", "number": "1"})
    assert "查询结果" not in page.content.decode()
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert "Disallow: /" in client.get("/robots.txt").content.decode()


def test_an_address_that_asks_too_often_is_told_to_wait(client: Client, settings: object) -> None:
    settings.ZHICHENG_QUESTIONS_PER_MINUTE = 3  # type: ignore[attr-defined]
    answers = [client.post("/", {"name": "张三", "number": "1"}).status_code for _ in range(8)]
    assert 429 in answers
    assert answers[0] == 200
    other = client.post("/", {"name": "张三", "number": "1"}, REMOTE_ADDR="10.1.1.1")
    assert other.status_code == 200


def test_the_first_load_stays_under_60_kilobytes(client: Client) -> None:
    page = client.get("/").content
    total = len(gzip.compress(page))
    for name in re.findall(rb'(?:href|src)="/static/([^"]+)"', page):
        path = finders.find(name.decode())
        assert isinstance(path, str), name
        total += len(gzip.compress(Path(path).read_bytes()))
    assert total < 60_000
