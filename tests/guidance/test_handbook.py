"""The handbook is whole: every page of every role stands in it, by the words of the product."""

import os
import re
import runpy
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client, RequestFactory

from tests.support.city import City, found_city
from tests.support.employers import employer
from tests.support.pages import text_of
from zhicheng.anomalies.tabs import tabs as anomaly_tabs
from zhicheng.api.views import tabs as interface_tabs
from zhicheng.blanks.tabs import tabs as blank_tabs
from zhicheng.certificates.tabs import tabs as certificate_tabs
from zhicheng.electronic.tabs import tabs as electronic_tabs
from zhicheng.guidance import handbook
from zhicheng.guidance.places import PAGES, PARTS, chapter_of
from zhicheng.guidance.printed import handbook_pdf
from zhicheng.historic.tabs import tabs as historic_tabs
from zhicheng.notifications.tabs import tabs as notification_tabs
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import PERMISSIONS, Action, Role
from zhicheng.reissues.tabs import tabs as reissue_tabs
from zhicheng.web.navigation import MENU, menu

ROOT = Path(__file__).parents[2]
COLLECT = runpy.run_path(str(ROOT / "scripts" / "messages.py"))["collect"]
QUOTED = re.compile("“([^”]*)”")
HOLES = re.compile(r"%\\?\(\w+\\?\)[sd]")


@pytest.fixture
def city() -> City:
    return found_city()


def quoted(text: str) -> set[str]:
    """What stands in quotation marks, each step of a way by itself."""
    return {step for found in QUOTED.findall(text) for step in found.split(" → ")}


def words_for(role: Role) -> set[str]:
    """The labels that the chapters of a role quote."""
    return {
        label
        for chapter in handbook.chapters()
        if role in chapter.roles
        for label in quoted(chapter.text)
    }


def test_every_chapter_is_there_with_words_for_every_role() -> None:
    chapters = handbook.chapters()
    assert [chapter.name for chapter in chapters][:2] == ["start", "clerk"]
    assert {role for chapter in chapters for role in chapter.roles} == {*Role}
    for chapter in chapters:
        html = handbook.as_html(chapter)
        assert not re.search(r"〔[NA]\d", html), chapter.name  # every clause became a link
        assert "<script" not in html


def test_its_pictures_and_the_chapters_that_it_names_are_there() -> None:
    files = {path.name for path in handbook.SOURCES.glob("*.md")}
    for path in sorted(handbook.SOURCES.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        for source in re.findall(r"!\[[^\]]*\]\(([^)]*)\)", text):
            assert (path.resolve().parent / source).is_file(), (path.name, source)
        assert set(re.findall(r"\]\((\d+-[\w-]+\.md)\)", text)) <= files, path.name


def test_every_quoted_label_is_a_text_of_the_product() -> None:
    texts = {text for pair in COLLECT() for text in pair if text}
    named = {label for text in texts for label in QUOTED.findall(text)}
    filled = [
        re.compile(HOLES.sub("(.+)", re.escape(text)))
        for text in texts
        if HOLES.search(re.escape(text)) and len(HOLES.sub("", re.escape(text))) > 2
    ]
    unknown = [
        (chapter.name, label)
        for chapter in handbook.chapters()
        for label in sorted(quoted(chapter.text) - texts - named)
        if not any(pattern.fullmatch(label) for pattern in filled)
    ]
    assert not unknown


@pytest.mark.parametrize("role", Role)
def test_every_entry_of_the_menu_stands_in_the_chapters_of_each_role(role: Role) -> None:
    words = words_for(role)
    missing = [
        str(entry.label)
        for entry in MENU
        if entry.action is None or any(may == role for may, _how in PERMISSIONS[entry.action])
        if str(entry.label) not in words
    ]
    assert not missing


def sections_of(account: Account) -> Iterator[str]:
    """The labels of all sections that the account finds at the head of its pages."""
    can = {action for action in (Action.ANOMALY_VIEW, Action.API_KEY_VIEW) if _has(account, action)}
    found = [
        *(section for group in blank_tabs(account, "") for section in group["sections"]),
        *certificate_tabs(account, ""),
        *electronic_tabs(account, ""),
        *historic_tabs(account, ""),
        *notification_tabs(account, ""),
        *reissue_tabs(account, ""),
        *(anomaly_tabs("") if Action.ANOMALY_VIEW in can else ()),
        *(interface_tabs("", account) if Action.API_KEY_VIEW in can else ()),
    ]
    yield from (str(section["label"]) for section in found)


def _has(account: Account, action: Action) -> bool:
    return any(may == account.role for may, _how in PERMISSIONS[action])


@pytest.mark.django_db
def test_every_section_of_every_account_stands_in_the_chapters_of_its_role(city: City) -> None:
    missing = {
        (str(account.role), label)
        for account in city.accounts.values()
        for label in sections_of(account)
        if label not in words_for(Role(account.role))
    }
    assert not missing


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.CLERK, Role.OFFICER])
def test_an_employer_finds_its_menu_in_its_own_chapter(role: Role) -> None:
    request = RequestFactory().get("/tasks/")
    request.user = employer(role=role)
    words = quoted(chapter_text("employer")) | quoted(chapter_text("start"))
    words |= quoted(chapter_text("daily"))
    assert {str(entry["label"]) for entry in menu(request)} <= words


def chapter_text(name: str) -> str:
    return next(chapter.text for chapter in handbook.chapters() if chapter.name == name)


@pytest.mark.django_db
def test_what_the_public_page_offers_stands_in_a_chapter_for_the_public(client: Client) -> None:
    page = client.get("/").content.decode()
    offered = set(re.findall(r'<a class="qry-way"[^>]*>.*?<b>(.*?)</b>', page, re.DOTALL))
    assert len(offered) > 5
    public = {
        label
        for name in ("holder", "employer", "query")
        for label in quoted(chapter_text(name)) | set(re.findall(r"## (.+)", chapter_text(name)))
    }
    assert offered <= public


def test_every_page_of_the_menu_leads_to_the_chapter_that_names_it() -> None:
    every = {chapter.name: chapter for chapter in handbook.chapters()}
    assert {*PARTS.values(), *PAGES.values()} <= every.keys()
    for entry in MENU:
        for role in Role:
            if entry.action and not any(may == role for may, _how in PERMISSIONS[entry.action]):
                continue
            chapter = every[chapter_of(entry.route, role)]
            assert role in chapter.roles, (entry.route, role)
            assert str(entry.label) in quoted(chapter.text), (entry.route, chapter.name)


@pytest.mark.django_db
def test_a_page_leads_to_its_chapter_by_the_account(city: City) -> None:
    client = Client()
    for who, address, chapter in (
        (("hospital", "clerk"), "/registers/", "registers"),
        (("office", "officer"), "/blanks/cases/", "losses"),
        (("office", "officer"), "/organizations/", "daily"),
        (("office", "administrator"), "/organizations/", "administrator"),
        (("office", "administrator"), "/audit/system/", "administrator"),
        (("office", "auditor"), "/anomalies/", "auditor"),
    ):
        client.force_login(city.who(*who), backend="django.contrib.auth.backends.ModelBackend")
        page = client.get(address).content.decode()
        assert f'href="/guidance/handbook/{chapter}/"' in page, address


@pytest.mark.django_db
def test_the_handbook_is_read_without_a_login(client: Client) -> None:
    contents = client.get("/guidance/handbook/")
    for chapter in handbook.chapters():
        page = client.get(f"/guidance/handbook/{chapter.name}/")
        assert chapter.title in text_of(page)
        assert chapter.title in text_of(contents)
    assert client.get("/guidance/handbook/nothing/").status_code == 404
    assert client.get("/guidance/pictures/nothing.webp").status_code == 404


def test_the_handbook_is_one_pdf_with_its_contents() -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(handbook_pdf())
    pages = [page.get_textpage().get_text_range() for page in document]
    contents = "".join(pages[1:6])
    assert len(document) > 10
    for chapter in handbook.chapters():
        assert chapter.title in contents
    assert "第 3 页" in pages[2]


def test_a_picture_that_is_taken_anew_makes_a_new_pdf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources, pictures = tmp_path / "handbook", tmp_path / "pictures"
    for folder in (sources, pictures):
        folder.mkdir()
    (sources / "00-start.md").write_text("# 开始\n<!-- 角色: clerk -->\n", encoding="utf-8")
    picture = pictures / "login.webp"
    picture.write_bytes(b"")
    monkeypatch.setattr(handbook, "SOURCES", sources)
    monkeypatch.setattr(handbook, "PICTURES", pictures)
    before = handbook.newest()
    later = time.time_ns() + 60 * 10**9
    os.utime(picture, ns=(later, later))
    assert handbook.newest() == later > before
    picture.unlink()
    assert handbook.newest() != later
