"""Charts are drawn under our content security policy, light, dark and narrow."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.support.city import accepted_register, carry, deliver, found_city
from zhicheng.reference.loading import load_reference

pytestmark = pytest.mark.django_db(transaction=True)

INK = """canvas => {
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const colours = new Set();
    for (let at = 0; at < pixels.length; at += 4)
        if (pixels[at + 3] > 200) colours.add(pixels.slice(at, at + 3).join());
    return colours.size;
}"""


def test_charts_are_drawn_from_their_tables(window: Callable[..., Window]) -> None:
    load_reference()
    city = found_city()
    register = accepted_register(city, 20)
    deliver(city, 60)
    carry(city, register, "issued")
    opened = window("office.officer")
    for path, charts in (
        ("/blanks/", 2),
        ("/blanks/spoilage/", 1),
        (f"/blanks/holders/{city.health.pk}/", 1),
    ):
        page = opened.go(path)
        pictures = page.locator("[data-chart] canvas")
        expect(pictures).to_have_count(charts)
        for place in range(charts):
            assert pictures.nth(place).evaluate(INK) > 5, path
    page.get_by_role("button", name="切换深色或浅色").click()
    assert page.locator("[data-chart] canvas").evaluate(INK) > 5
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.locator("[data-chart] canvas")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    opened.shot("holder-narrow")
