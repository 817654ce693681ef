"""The page that checks QR codes as people use it: photo, text, camera, offline, by keyboard."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window
from tests.credentials.test_refusals import _changed, _written
from tests.documents.reading import picture
from tests.support.city import City, accepted_register, carry, deliver, found_city
from tests.support.credentials import EXTREMES, KEY, OTHER, PLAIN, message_of
from tests.support.credentials import text_of as example
from tests.support.printing import printed_beside_a_browser
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import Certificate
from zhicheng.credentials import actions, rules
from zhicheng.credentials.queries import active_key, published_keys
from zhicheng.documents import qr
from zhicheng.organizations.guard import CONSOLE
from zhicheng.values.serials import format_serial

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Window]
NAME = "阿卜杜热合曼·买买提依明"


class Printed:
    """A register of one certificate, embossed; and the page that was printed of it."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.register = accepted_register(city, 1)
        deliver(city, 4)
        carry(city, self.register, "filled")
        pdf = printed_beside_a_browser(city.who("health", "clerk"), self.register)
        self.page: Image.Image = picture(pdf, 0, 200)
        (self.text,) = qr.read(self.page)
        carry_on(city, self.register)
        self.certificate = Certificate.objects.get()

    def photo(self, folder: Path) -> Path:
        """As a phone takes it: turned a little, uneven, as JPEG."""
        paper = Image.new("L", (self.page.width + 400, self.page.height + 400), 90)
        paper.paste(self.page, (200, 200))
        turned = paper.rotate(7, Image.Resampling.BICUBIC, fillcolor=90)
        shade = np.linspace(0.75, 1.0, turned.width)[None, :]
        taken = Image.fromarray((np.asarray(turned) * shade).astype(np.uint8)).convert("RGB")
        file = folder / "photo.jpg"
        taken.save(file, quality=70)
        return file


def carry_on(city: City, register: Any) -> None:
    path.seal(actor=city.who("health", "officer"), register_id=register.pk)
    path.emboss(actor=city.who("health", "embosser"), register_id=register.pk)


@pytest.fixture
def printed(window: Open) -> Printed:
    return Printed(found_city())


def shown(value: object) -> str:
    if isinstance(value, int):
        return format_serial(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def verdict(page: Page) -> Any:
    return page.locator("[data-part=verdict]")


def state(page: Page) -> Any:
    return page.locator("[data-part=state]")


def check(page: Page, text: str) -> None:
    """Pastes the text and presses Enter, as a scanner that types does."""
    box = page.get_by_label("核验码文字")
    box.fill(text)
    box.press("Enter")


def test_a_photo_of_the_printed_page_is_verified_and_its_state_told(
    window: Open, printed: Printed, tmp_path: Path
) -> None:
    visitor = window(size=(390, 844))
    page = visitor.go("/v/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visitor.shot("empty")
    page.get_by_label("选择二维码照片").set_input_files(printed.photo(tmp_path))
    expect(verdict(page)).to_have_text("核验码真实")
    for shown in (
        printed.certificate.name,
        printed.certificate.number,
        printed.certificate.id_number_masked,
        printed.certificate.document_number,
        timezone.localdate().isoformat(),
    ):
        expect(page.locator("[data-part=claims]")).to_contain_text(shown)
    expect(state(page)).to_contain_text("没有查到：尚未发放")
    path.issue(actor=printed.city.who("health", "clerk"), register_id=printed.register.pk)
    check(page, printed.text)
    expect(state(page)).to_have_text("现在有效")
    expect(page.get_by_role("heading", name="核验结果")).to_be_focused()
    visitor.shot("valid")
    digits = printed.text.partition("#")[2]
    assert not [url for url in asked if digits[20:50] in url]
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_code_opened_by_a_phones_camera_is_checked_and_leaves_the_address(
    window: Open, printed: Printed
) -> None:
    visitor = window(size=(390, 844))
    page = visitor.go("/v/#" + printed.text.partition("#")[2])
    expect(verdict(page)).to_have_text("核验码真实")
    assert page.url.endswith("/v/")


def test_what_does_not_hold_is_refused_with_the_reason(window: Open, printed: Printed) -> None:
    visitor = window(size=(390, 844))
    page = visitor.go("/v/")
    why = page.locator("[data-part=why]")
    place = printed.text.index("#") + 200
    other = str((int(printed.text[place]) + 1) % 10)
    tampered = printed.text[:place] + other + printed.text[place + 1 :]
    check(page, tampered)
    expect(verdict(page)).to_have_text("核验不通过")
    expect(page.locator("[data-part=claims] dd")).to_have_count(0)
    expect(page.locator("[data-part=standing]")).to_be_hidden()
    visitor.shot("tampered")
    key = active_key()
    assert key is not None
    for text, reason in (
        (printed.text[:-5], rules.Reason.TRUNCATED),
        (example(PLAIN, OTHER, bytes.fromhex(key.key_id)), rules.Reason.BAD_SIGNATURE),
        (example(), rules.Reason.UNKNOWN_KEY),
        ("2018500000001", rules.Reason.NOT_A_CREDENTIAL),
    ):
        check(page, text)
        expect(why).to_have_text(rules.REASONS[reason])
    actions.revoke(
        actor=CONSOLE, key_id=key.key_id, from_day=timezone.localdate(), reason="私钥泄露"
    )
    page.reload()
    check(page, printed.text)
    expect(why).to_have_text(rules.REASONS[rules.Reason.KEY_REVOKED])
    visitor.shot("revoked")
    check(page, " ")
    expect(page.locator("[data-part=live]")).to_have_text("请先扫描、选择照片或填写核验码。")


def test_without_a_network_it_still_verifies_after_one_visit(
    window: Open, printed: Printed, tmp_path: Path
) -> None:
    photo = printed.photo(tmp_path)
    visitor = window(size=(390, 844))
    page = visitor.go("/v/")
    expect(page.locator("[data-part=offline]")).to_contain_text("手机相机扫码打开本页")
    page.get_by_role("button", name="保存扫描功能").click()
    expect(page.locator("[data-part=offline]")).to_have_text("没有网络时可以扫描和核验。")
    page.context.set_offline(True)
    page.goto(visitor.base + "/v/#" + printed.text.partition("#")[2])
    expect(verdict(page)).to_have_text("核验码真实")
    expect(state(page)).to_contain_text("没有联网，未能查询")
    expect(page.locator("[data-part=keys]")).to_contain_text(
        f"密钥清单取得于 {timezone.localdate().isoformat()}"
    )
    page.reload()
    page.get_by_label("选择二维码照片").set_input_files(photo)
    expect(verdict(page)).to_have_text("核验码真实")
    visitor.shot("offline")
    page.context.set_offline(False)
    # The one question that needs the network failed, as it must.
    visitor.errors[:] = [
        error for error in visitor.errors if "ERR_INTERNET_DISCONNECTED" not in error
    ]


def test_a_browser_without_ed25519_uses_the_library(window: Open, printed: Printed) -> None:
    visitor = window(size=(390, 844))
    visitor.page.add_init_script(
        "crypto.subtle.importKey = async () => { throw new DOMException('', 'NotSupportedError'); }"
    )
    page = visitor.go("/v/")
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    check(page, printed.text)
    expect(verdict(page)).to_have_text("核验码真实")
    assert [url for url in loaded if "noble-ed25519" in url]
    key = active_key()
    assert key is not None
    check(page, example(PLAIN, OTHER, bytes.fromhex(key.key_id)))
    expect(page.locator("[data-part=why]")).to_have_text(rules.REASONS[rules.Reason.BAD_SIGNATURE])


def test_by_keyboard_alone_in_the_dark_and_in_english(window: Open, printed: Printed) -> None:
    visitor = window(size=(390, 844))
    page = visitor.page
    page.emulate_media(color_scheme="dark")
    visitor.go("/v/")
    page.get_by_role("button", name="打开相机扫描").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_label("选择二维码照片")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("核验码文字")).to_be_focused()
    page.keyboard.insert_text(printed.text)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(verdict(page)).to_have_text("核验码真实")
    expect(page.get_by_role("heading", name="核验结果")).to_be_focused()
    visitor.shot("dark")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Check a certificate")).to_be_visible()
    visitor.shot("english")


def test_the_keys_page_asks_before_what_cannot_be_undone(window: Open) -> None:
    found_city()
    officer = window("office.officer")
    page = officer.go("/credentials/keys/")
    officer.shot("keys")
    page.get_by_role("button", name="更换密钥").click()
    dialog = page.get_by_role("dialog", name="生成新密钥，并停用现在的密钥？")
    expect(dialog).to_contain_text("不能恢复")
    officer.shot("rotate")
    dialog.get_by_role("button", name="确认更换密钥").click()
    expect(page.get_by_text("已换用签名密钥")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(3)
    retired = page.get_by_role("row", name="已停用")
    retired.get_by_role("button", name="作废").click()
    dialog = page.get_by_role("dialog", name="作废密钥")
    dialog.get_by_label("作废原因").fill("私钥所在的磁盘遗失")
    officer.shot("revoke")
    dialog.get_by_role("button", name="确认作废").click()
    expect(page.get_by_text("私钥所在的磁盘遗失")).to_be_visible()
    officer.shot("revoked")


def test_the_javascript_says_what_the_python_says_of_every_fuzzed_text(
    window: Open, printed: Printed
) -> None:
    page = window().go("/v/")
    source = random.Random(7)  # noqa: S311
    good = [message_of(claims) for claims in EXTREMES.values()]
    texts = [_written(source, _changed(source, good)[0]) for _ in range(1_500)]
    texts += [example(claims) for claims in EXTREMES.values()]
    keys = [replace(KEY, revoked_from=None), *published_keys()]
    said = page.evaluate(
        """async ([texts, keys]) => {
            const root = document.getElementById("verify").dataset;
            const words = (await (await fetch(root.words)).text()).trimEnd().split("\\n");
            const told = [];
            for (const text of texts) {
                const found = await ZcCredential.verify(text, { keys, words });
                told.push([found.reason, found.claims, found.keyId]);
            }
            return told;
        }""",
        [texts, rules.publish(keys)["keys"]],
    )
    for text, (reason, claims, key_id) in zip(texts, said, strict=True):
        ours = rules.verify(text, keys)
        assert reason == (ours.reason.value if ours.reason else None), text
        if ours.reason is not rules.Reason.DAMAGED:
            assert key_id == ours.key_id.hex(), text
        if ours.claims:
            told = {name: getattr(ours.claims, name) for name in rules.LABELS}
            assert claims == {
                name: shown(value) for name, value in told.items() if value is not None
            }
