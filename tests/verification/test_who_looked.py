"""The holder sees who looked the certificate up: when, how, which organisation; nobody private."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.test import Client

from tests.support.city import City, found_city
from tests.support.pages import text_of
from tests.support.reissues import issued
from tests.verification.test_reports import code_of, come_in, number_of, record_of
from zhicheng.certificates.models import Certificate
from zhicheng.verification.lookups import record_lookup
from zhicheng.verification.models import Lookup, Way
from zhicheng.verification.reports import actions

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(db: None) -> City:
    return found_city()


@contextmanager
def one_more(certificate: Certificate, way: Way) -> Iterator[None]:
    """What happens inside is one look-up of the certificate by this way."""
    before = Lookup.objects.filter(found__contains=[certificate.number]).count()
    yield
    looks = Lookup.objects.filter(found__contains=[certificate.number])
    assert looks.count() == before + 1
    assert looks.latest("id").way == way


def test_every_way_of_looking_is_told_to_the_holder(city: City, client: Client) -> None:
    mine, other = issued(city, 2)
    report = actions.make(record=record_of(mine), days=90)
    stranger = Client()
    with one_more(mine, Way.PERSON):
        stranger.post("/", {"name": mine.name, "id_number": number_of(mine)})
    with one_more(mine, Way.NUMBER):
        stranger.post("/", {"name": mine.name, "number": mine.number})
    with one_more(mine, Way.NUMBER):
        stranger.post(f"/v/{mine.number}", {"name": mine.name})
    with one_more(mine, Way.REPORT):
        stranger.get(f"/r/{code_of(report)}")
    with one_more(mine, Way.REPORT):
        stranger.post("/report/", {"code": code_of(report)})
    health = city.health
    record_lookup(
        way=Way.BATCH, found=[mine.number], organization_id=health.pk, client="人事系统",
        address="203.0.113.9",
    )  # fmt: skip
    record_lookup(way=Way.INTERFACE, found=[other.number], organization_id=health.pk)
    # What found nothing, and a preview of a link, isn't told.
    stranger.post("/", {"name": "别人", "number": mine.number})
    stranger.head(f"/r/{code_of(report)}")
    with one_more(mine, Way.HOLDER):
        come_in(client, mine)
    page = client.get("/holder/lookups/")
    words = text_of(page)
    assert "共 7 次" in words
    assert f"批量核验 {health.name}（人事系统）" in words
    for label, times in (("姓名和身份证号码", 1), ("证书编号和姓名", 2), ("查验报告 公众", 2)):
        assert words.count(label) == times, label
    assert "数据接口" not in words
    assert "203.0.113" not in page.content.decode() and "127.0.0.1" not in page.content.decode()


def test_the_list_is_paged_and_only_the_holders_own(city: City, client: Client) -> None:
    mine, other = issued(city, 2)
    for _ in range(45):
        record_lookup(way=Way.NUMBER, found=[mine.number])
    assert client.get("/holder/lookups/").status_code == 302
    come_in(client, mine)
    pages = [client.get(f"/holder/lookups/?page={page}").content.decode() for page in (1, 2, 3)]
    assert [page.count("<time") for page in pages] == [20, 20, 6]
    assert "共 46 次" in pages[0] and 'href="?page=2"' in pages[0]
    assert client.get("/holder/lookups/?page=x").status_code == 200
    come_in(client, other)
    assert client.get("/holder/lookups/").content.decode().count("<time") == 1
