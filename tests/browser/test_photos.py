"""A photo is chosen, cut with the keyboard and the pointer, kept and printed small (N8)."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.photos.pictures import portrait
from tests.support.city import accepted_register, found_city
from zhicheng.photos import queries
from zhicheng.photos.models import Photo
from zhicheng.registers.models import RegisterRow

pytestmark = pytest.mark.django_db(transaction=True)


def test_n8_photo_is_cut_by_keyboard_and_pointer(
    window: Callable[..., Window], tmp_path: Path
) -> None:
    city = found_city()
    register = accepted_register(city, 6)
    row = RegisterRow.objects.filter(register=register).order_by("position")[0]
    wide = Image.new("RGB", (1600, 1200), (60, 90, 60))
    wide.paste(Image.open(io.BytesIO(portrait(600, 840))), (900, 200))
    file = tmp_path / "家庭照.jpg"
    wide.save(file)

    clerk = window("health.clerk")
    page = clerk.go(f"/certificates/registers/{register.pk}/")
    page.get_by_role("link", name="照片", exact=True).first.click()
    expect(page.get_by_text("共 6 人，0 人有照片，6 人缺照片")).to_be_visible()
    page.get_by_role("link", name=row.name).first.click()
    page.get_by_label("照片文件").set_input_files(file)
    frame = page.get_by_label("裁剪框：方向键移动")
    expect(frame).to_be_visible()
    frame.focus()
    for _ in range(6):
        page.keyboard.press("-")
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    before = frame.bounding_box()
    assert before
    middle = (before["x"] + before["width"] / 2, before["y"] + before["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 25, middle[1] + 8, steps=4)
    page.mouse.up()
    after = frame.bounding_box()
    assert after and after["x"] > before["x"]
    clerk.shot("crop")
    page.get_by_role("button", name="保存照片").click()
    expect(page.get_by_text(f"已保存{row.name}的照片。")).to_be_visible()
    clerk.shot("saved")
    kept = queries.photo_of(bytes(row.id_number_index or b""))
    assert kept
    image = Image.open(io.BytesIO(kept))
    assert image.size == (295, 413)
    red, _green, blue = image.getpixel((210, 330))  # type: ignore[misc]
    assert blue > red, "the shoulders, cut from the right half of the picture"

    page.get_by_label("照片文件").set_input_files(
        {"name": "小.jpg", "mimeType": "image/jpeg", "buffer": portrait(200, 280)}
    )
    page.get_by_role("button", name="保存照片").click()
    expect(page.get_by_text("裁剪的范围太小")).to_be_visible()
    clerk.shot("too-small")
    assert all("422" in error for error in clerk.errors)
    clerk.errors.clear()  # the browser tells of the answer that was meant
    assert Photo.objects.count() == 1

    page = clerk.go(f"/photos/registers/{register.pk}/bulk/")
    page.get_by_label("照片文件或 ZIP 压缩包").set_input_files(
        [
            {"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": portrait(shade=30 * n)}
            for n in (2, 3, 4, 99)
        ]
    )
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.get_by_text("已保存 3 张，1 个文件没有保存")).to_be_visible()
    clerk.shot("bulk")
    page = clerk.go(f"/photos/registers/{register.pk}/")
    expect(page.get_by_text("共 6 人，4 人有照片，2 人缺照片")).to_be_visible()
    clerk.shot("register")
    page.set_viewport_size({"width": 390, "height": 800})
    clerk.shot("register-phone")
    page.set_viewport_size({"width": 1366, "height": 768})
    page = clerk.go(f"/photos/registers/{register.pk}/people/{row.pk}/")
    page.get_by_role("button", name="移除照片").click()
    page.get_by_label("移除原因").fill("不是本人")
    page.get_by_role("button", name="确认移除照片").click()
    expect(page.get_by_text("已移除照片，原因已记录。")).to_be_visible()
    clerk.shot("removed")
    page = clerk.go("/photos/")
    clerk.shot("list")
