"""The inspector's dialogs, where what was written is refused."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.anomalies.test_inquiries import found
from tests.browser.conftest import Window
from tests.support.city import found_city
from zhicheng.anomalies import actions
from zhicheng.anomalies.actions import _write
from zhicheng.anomalies.models import Anomaly, InquiryEntry

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_refused_entry_stands_open_with_its_text_and_can_be_sent_mended(
    window: Callable[..., Window],
) -> None:
    city = found_city()
    _write([found("1", organization_id=city.health.pk)])
    inquiry = actions.open_inquiry(
        actor=city.who("office", "auditor"),
        anomaly_ids=[Anomaly.objects.get().pk],
        subject="夜间登录",
    )
    path = f"/anomalies/inquiries/{inquiry.pk}/"
    here = window("office.auditor")
    page = here.go(path)
    page.get_by_role("button", name="登记核查经过", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("核查经过").fill("调阅值班表，与登录时间一致")
    dialog.get_by_label("佐证材料").set_input_files(
        {"name": "值班表.txt", "mimeType": "text/plain", "buffer": b"plain words"}
    )
    dialog.get_by_role("button", name="确认登记核查经过").click()
    expect(dialog.get_by_text("不是可以收取的格式")).to_be_visible()
    expect(dialog.get_by_label("佐证材料")).to_be_focused()
    expect(dialog.get_by_label("核查经过")).to_have_value("调阅值班表，与登录时间一致")
    assert page.evaluate("document.querySelector('dialog[open]').matches(':modal')")
    assert page.url.endswith(path)
    here.errors.clear()  # the browser tells the refusal's 422 to its console
    dialog.get_by_role("button", name="确认登记核查经过").click()
    expect(page.locator(".zc-timeline")).to_contain_text("调阅值班表，与登录时间一致")
    assert InquiryEntry.objects.count() == 1
