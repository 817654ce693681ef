"""An auditor reads an event in words and in their own language (N18)."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import translation

import zhicheng
from tests.support.city import City, accepted_register, found_city
from tests.support.filing import Filing
from tests.support.pages import text_of
from zhicheng.audit.models import AuditEvent
from zhicheng.organizations.models import Account
from zhicheng.oversight.labels import DATA_LABELS
from zhicheng.oversight.telling import PAGES, lines, things

PACKAGE = Path(zhicheng.__file__).parent


@pytest.fixture
def filing(db: None) -> Filing:
    return Filing(found_city())


@pytest.fixture
def city(filing: Filing) -> City:
    return filing.city


def reading(account: Account, language: str = "zh-hans") -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = language
    return client


def test_an_event_names_its_object_in_words_and_leads_to_it(city: City, filing: Filing) -> None:
    register = filing.filed(filing.lines(1))
    event = AuditEvent.objects.filter(subject_type="registers.register").latest("sequence")
    auditor = reading(city.who("office", "auditor"), "en")
    page = auditor.get(f"/audit/{event.sequence}/")
    assert "registers.register " not in text_of(page)
    assert f'<a href="/registers/{register.pk}/">{register.pk}</a>' in page.content.decode()
    assert "Register" in text_of(page) and "All events of this object" in text_of(page)
    assert auditor.get(f"/registers/{register.pk}/").status_code == 200


def test_all_events_of_an_object_are_listed(city: City, filing: Filing) -> None:
    register = filing.filed(filing.lines(1))
    auditor = reading(city.who("office", "auditor"))
    whole = auditor.get("/audit/").context["page"].count
    page = auditor.get("/audit/", {"of": f"registers.register:{register.pk}"}).context["page"]
    own = AuditEvent.objects.filter(subject_type="registers.register", subject_id=register.pk)
    assert 0 < page.count == own.count() < whole
    assert auditor.get("/audit/", {"of": "registers.register:0"}).context["page"].count == 0
    assert auditor.get("/audit/", {"of": "'; x"}).context["page"].count == 0


def test_links_lead_only_to_what_is_there_and_may_be_read(city: City) -> None:
    register = accepted_register(city)
    ids = [register.pk, register.pk + 1000]
    auditor = things("registers.register", ids, city.who("office", "auditor"))
    assert [bool(thing.url) for thing in auditor] == [True, False]
    administrator = things("registers.register", ids, city.who("office", "administrator"))
    assert [bool(thing.url) for thing in administrator] == [False, False]
    assert things("photos_photo", [1], city.who("office", "auditor"))[0].url == ""


def test_pages_of_objects_exist() -> None:
    for kind, (name, _action) in PAGES.items():
        assert apps.get_model(kind)
        assert reverse(name, args=[1])


def test_data_are_told_in_words() -> None:
    told = {
        "count": 2,
        "filters": {"year": "2026", "default": True},
        "serials": [[1, 3], [7, 7]],
        "grades": ["senior", "junior"],
        "sha256": "ab" * 32,
        "reason": "",
        "unheard_of": 1,
    }
    with translation.override("en"):
        found = [(line.label, line.text, line.digest) for line in lines(told)]
    assert found == [
        ("Number", "2", False),
        ("Narrowed by · Year", "2026", False),
        ("Narrowed by · shown first", "Yes", False),
        ("Serial number 1", "1–3", False),
        ("Serial number 2", "7–7", False),
        ("Grade", "senior、junior", False),
        ("Digest of the file (SHA-256)", "ab" * 32, True),
        ("Reason", "—", False),
        ("unheard_of", "1", False),
    ]


def test_every_key_that_an_action_records_has_a_label() -> None:
    missing = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "record":
                continue
            for word in node.keywords:
                for inside in ast.walk(word.value) if word.arg == "data" else ():
                    keys = inside.keys if isinstance(inside, ast.Dict) else []
                    missing |= {
                        key.value
                        for key in keys
                        if isinstance(key, ast.Constant) and key.value not in DATA_LABELS
                    }
    assert not missing
