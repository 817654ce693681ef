"""The public pages on a phone: nothing grave for axe, nothing that needs a mouse, all of them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window
from tests.documents.reading import page_texts, picture
from tests.support.axe import findings
from tests.support.city import City, found_city
from tests.support.reissues import Way as Application
from tests.support.reissues import about, issued
from zhicheng.certificates.models import Certificate
from zhicheng.documents import qr
from zhicheng.protection import reveal
from zhicheng.verification.models import VerificationReport

pytestmark = pytest.mark.django_db(transaction=True)
PHONE, DESK = (390, 844), (1366, 768)


@pytest.fixture
def city(transactional_db: None) -> City:
    return found_city()


class Keyboard:
    """A person without a mouse: Tab, Shift+Tab, Enter, Space and what they type."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def focused(self) -> str:
        """What a screen reader would call the thing in focus."""
        return str(
            self.page.evaluate(
                """() => { const e = document.activeElement;
                if (!e || e === document.body) return '';
                const label = e.labels && e.labels[0];
                return (e.getAttribute('aria-label') || (label || e).innerText || e.value || '')
                    .replace(/\\s+/g, ' ').trim(); }"""
            )
        )

    def to(self, words: str, *, field: bool = False) -> "Keyboard":
        """Tabs on until the thing in focus has these words, and its focus is to be seen."""
        seen = []
        for _ in range(60):
            self.page.keyboard.press("Tab")
            seen.append(self.focused)
            if seen[-1].rstrip("*") == words if field else words in seen[-1]:
                outline = self.page.evaluate(
                    "getComputedStyle(document.activeElement).outlineStyle"
                )
                assert outline != "none", words
                return self
        raise AssertionError(f"{words} can't be reached: {seen}")

    def type(self, words: str, text: str) -> "Keyboard":
        """Goes to a field and types."""
        self.to(words, field=True)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)
        return self

    def press(self, words: str = "", key: str = "Enter") -> "Keyboard":
        """Goes to a button or link and presses it; the page that comes is waited for."""
        if words:
            self.to(words)
        self.page.keyboard.press(key)
        return self


def number_of(certificate: Certificate) -> str:
    return reveal(bytes(certificate.id_number_cipher))


def looked_at(window: Window, what: str) -> list[str]:
    """What axe finds on a phone, in the dark and on a desk; a page that is wider than the phone."""
    page, faults = window.page, []
    page.wait_for_load_state()
    for name, size, dark in (("phone", PHONE, False), ("dark", PHONE, True), ("desk", DESK, False)):
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.set_viewport_size({"width": size[0], "height": size[1]})
        window.name = f"public-{name}"
        window.shot(what)
        wide = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        faults += [f"{what} {name}: {one}" for one in findings(page)]
        faults += [f"{what} {name} is {wide} px too wide"] if wide else []
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    return faults


def test_n7_from_the_query_to_the_report_in_hand_by_keyboard_alone(
    city: City, window: Callable[..., Window], tmp_path: Path
) -> None:
    (certificate,) = issued(city)
    holder = window(size=PHONE)
    page = holder.go("/")
    keys = Keyboard(page)
    keys.type("姓名", certificate.name).type("身份证号码", number_of(certificate)).press("查询")
    expect(page.locator(".pub-status")).to_contain_text("有效")
    keys.press("持证人办理")
    expect(page.get_by_role("heading", name="持证人办理")).to_be_visible()
    keys.type("身份证号码", number_of(certificate)).press("进入")
    expect(page.get_by_role("heading", name="我的证书")).to_be_visible()
    keys.type("有效天数", "60").press()
    expect(page.get_by_text("核验报告已出具")).to_be_visible()
    with page.expect_download() as download:
        keys.press("下载报告")
    pdf = Path(download.value.path()).read_bytes()
    report = VerificationReport.objects.get()
    code = reveal(bytes(report.code_cipher))
    grouped = " ".join(code[at : at + 4] for at in range(0, 16, 4))
    assert grouped in page_texts(pdf)[0]
    assert qr.read(picture(pdf)) == [f"{holder.base}/r/{code}"]

    # Somebody else types the code, in small letters and one after the other.
    employer = window(size=PHONE)
    page = employer.go("/")
    keys = Keyboard(page)
    keys.press("查验报告")
    expect(page.get_by_role("heading", name="查验核验报告")).to_be_visible()
    keys.type("报告核验码", code.lower())
    assert page.get_by_label("报告核验码").input_value() == grouped
    keys.press("查验")
    expect(page.locator(".pub-status")).to_contain_text("有效")
    expect(page.locator(".pub-answer")).to_contain_text(certificate.number)
    assert certificate.id_number_masked in page.content()
    assert number_of(certificate) not in page.content()

    # The holder renews, sees who looked, and revokes.
    page = holder.page
    keys = Keyboard(page)
    keys.press("续期", "Enter")
    keys.type("有效天数", "90").press("确认续期")
    expect(page.get_by_text("核验报告已续期")).to_be_visible()
    keys.press("谁查过我的证书")
    expect(page.get_by_role("heading", name="谁查过我的证书")).to_be_visible()
    keys.press("返回我的证书")
    expect(page.get_by_role("heading", name="我的证书", exact=True)).to_be_visible()
    keys.press("撤销", "Enter").press("确认撤销")
    expect(page.get_by_text("核验报告已撤销")).to_be_visible()
    page = employer.go(f"/r/{code}")
    expect(page.locator(".pub-status")).to_contain_text("没有可以查验的报告")


@pytest.mark.long
def test_no_grave_finding_on_any_public_page(city: City, window: Callable[..., Window]) -> None:
    good, old = issued(city, 2)
    way = Application(city, about(old)).submit().accept()
    visitor, faults = window(size=PHONE), []
    for path in (
        "/", "/v/", f"/v/{good.number}", "/report/", "/r/ABCDEFGHJKMNPQRS", "/holder/", "/e/",
        "/e/verify/", "/log/", "/reissues/apply/", "/reissues/progress/", "/notice/", "/nothing/",
    ):  # fmt: skip
        visitor.go(path)
        faults += looked_at(visitor, path.strip("/").replace("/", "-")[:12] or "query")
    for words, fields in (
        ("没有查到", {"姓名": "无此人", "证书编号": "无此号"}),
        ("请填写", {"姓名": "无此人"}),
        ("有效", {"姓名": good.name, "证书编号": good.number}),
        ("已报失", {"姓名": old.name, "证书编号": old.number}),
    ):
        page = filled(visitor.go("/"), fields, "查询")
        expect(page.get_by_text(re.compile(words)).first).to_be_visible()
        faults += looked_at(visitor, f"answer-{words}")
    fields = {"受理号": way.reissue.receipt_number, "身份证号码": number_of(old)}
    filled(visitor.go("/reissues/progress/"), fields, "查询")
    faults += looked_at(visitor, "progress")
    fields = {"姓名": good.name, "身份证号码": number_of(good), "证书编号": good.number}
    page = filled(visitor.go("/holder/"), fields, "进入")
    page.get_by_role("button", name="出具报告").click()
    expect(page.get_by_text("核验报告已出具")).to_be_visible()
    for summary in page.locator("summary").all():
        summary.click()
    faults += looked_at(visitor, "mine")
    code = page.locator(".qry-report-code b").inner_text()
    visitor.go("/holder/lookups/")
    faults += looked_at(visitor, "who-looked")
    page = filled(visitor.go("/report/"), {"报告核验码": code[:-1] + "0"}, "查验")
    faults += looked_at(visitor, "code-wrong")
    page = filled(page, {"报告核验码": code}, "查验")
    expect(page.get_by_text("证书现在的状态")).to_be_visible()
    faults += looked_at(visitor, "report-answer")
    page.emulate_media(media="print")
    visitor.shot("report-print")
    page.emulate_media(media="screen")
    faults += of_an_application(visitor, good)
    faults += of_what_is_refused(visitor, good)
    # A page that isn't there, and a refusal, say so in the console.
    visitor.errors[:] = [e for e in visitor.errors if "/nothing/" not in e and "/e/file" not in e]
    assert not faults, "\n".join(faults)


def of_what_is_refused(visitor: Window, certificate: Certificate) -> list[str]:
    """A file that isn't a certificate, a proof that isn't there yet, a refusal as a page."""
    page = visitor.go("/e/verify/")
    page.get_by_label("电子证书文件").set_input_files(
        {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF\n"}
    )
    page.get_by_role("button", name="验证", exact=True).click()
    expect(page.locator(".qry-bad")).to_contain_text("验证不通过")
    expect(page.get_by_text("请不要采信这份文件")).to_be_visible()
    faults = looked_at(visitor, "file-bad")
    page = filled(
        visitor.go("/"), {"姓名": certificate.name, "证书编号": certificate.number}, "查询"
    )
    page.get_by_role("button", name="下载公开日志证明").click()
    expect(page.get_by_role("heading", name="还没有日志证明")).to_be_visible()
    faults += looked_at(visitor, "no-evidence")
    page = visitor.go("/")
    page.evaluate(
        """() => { const form = document.querySelector("main form"); form.action = "/e/file";
        form.noValidate = true; form.submit(); }"""
    )
    expect(page.locator(".zc-refusal")).to_contain_text("核对结果已经过期")
    return faults + looked_at(visitor, "refused")


def of_an_application(visitor: Window, certificate: Certificate) -> list[str]:
    """The pages of 补办换发 up to the summary, for a certificate on file and for another."""
    fields = {
        "姓名": certificate.name,
        "身份证号码": number_of(certificate),
        "联系电话": "13800001234",
    }
    faults = []
    for number in ("渝职2012-00871", certificate.number):
        page = visitor.go("/reissues/apply/")
        page.get_by_role("radio", name="换发：证书内容有误或毁损").check()
        filled(page, {**fields, "原证书编号": number}, "查找证书并继续")
        faults += looked_at(visitor, "apply-typed")
    expect(page.get_by_role("heading", name="原证书")).to_be_visible()
    page.goto(page.url.split("#")[0] + "confirm/")
    return faults + looked_at(visitor, "apply-confirm")


def filled(page: Page, fields: dict[str, str], button: str) -> Page:
    """Fills a form in and sends it."""
    for label, text in fields.items():
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_load_state()
    return page
