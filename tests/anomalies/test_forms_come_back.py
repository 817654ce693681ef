"""What the inspector wrote is never lost: a faulty form comes back, open, with what it held."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.anomalies.test_inquiries import found
from tests.support.city import City
from tests.support.stations import PDF
from zhicheng.anomalies import actions
from zhicheng.anomalies.actions import _write
from zhicheng.anomalies.models import Anomaly, DetectionPolicy, Inquiry, InquiryEntry
from zhicheng.anomalies.rules import Thresholds
from zhicheng.organizations.models import Account

HOLDS_AN_ID = "询问本人 500103198502141236"
OPEN = 'aria-labelledby="{0}-title" open data-faulty>'


@pytest.fixture
def listed(city: City) -> list[Anomaly]:
    _write([found(key, organization_id=city.health.pk) for key in ("1", "2", "3")])
    return list(Anomaly.objects.order_by("pk"))


@pytest.fixture
def inquiry(listed: list[Anomaly], auditor: Account) -> Inquiry:
    return actions.open_inquiry(actor=auditor, anomaly_ids=[listed[0].pk], subject="夜间登录")


def test_an_entry_whose_file_is_refused_keeps_its_text(
    inquiry: Inquiry, auditor: Account, client: Client
) -> None:
    client.force_login(auditor)
    answer = client.post(
        f"/anomalies/inquiries/{inquiry.pk}/entries/",
        {"text": "11月26日调阅值班表", "file": SimpleUploadedFile("值班表.txt", b"plain words")},
    )
    shown = answer.content.decode()
    assert answer.status_code == 422 and answer.headers["HX-Push-Url"] == "false"
    assert "11月26日调阅值班表</textarea>" in shown and OPEN.format("entry") in shown
    told = shown.partition('id="entry_file_error"')[2].partition("</div>")[0]
    assert "不是可以收取的格式" in told and "PDF、JPEG、PNG" in told
    assert not InquiryEntry.objects.exists()


def test_an_entry_whose_text_is_faulty_asks_for_its_file_again(
    inquiry: Inquiry, auditor: Account, client: Client
) -> None:
    client.force_login(auditor)
    shown = client.post(
        f"/anomalies/inquiries/{inquiry.pk}/entries/",
        {"text": HOLDS_AN_ID, "file": SimpleUploadedFile("笔录.pdf", PDF)},
    ).content.decode()
    assert "这里不能填写身份证号码" in shown and f"{HOLDS_AN_ID}</textarea>" in shown
    assert "请重新选择文件" in shown.partition('id="entry_file_error"')[2]


def test_a_conclusion_without_an_outcome_comes_back(
    inquiry: Inquiry, auditor: Account, client: Client
) -> None:
    client.force_login(auditor)
    answer = client.post(
        f"/anomalies/inquiries/{inquiry.pk}/close/", {"outcome": "", "conclusion": "值班人员登录"}
    )
    shown = answer.content.decode()
    assert answer.status_code == 422 and OPEN.format("close") in shown
    assert "值班人员登录</textarea>" in shown and 'id="close_outcome_error"' in shown
    assert Inquiry.objects.get().is_open


def test_opening_setting_aside_and_joining_come_back(
    listed: list[Anomaly], inquiry: Inquiry, auditor: Account, client: Client
) -> None:
    client.force_login(auditor)
    page, other = f"/anomalies/{listed[1].pk}/", listed[2].pk
    opening = client.post(f"{page}open/", {"subject": HOLDS_AN_ID, "with": other})
    shown = opening.content.decode()
    assert opening.status_code == 422 and OPEN.format("open") in shown
    assert f"{HOLDS_AN_ID}</textarea>" in shown and f'value="{other}" checked' in shown
    aside = client.post(f"{page}set-aside/", {"reason": HOLDS_AN_ID}).content.decode()
    assert OPEN.format("aside") in aside and f"{HOLDS_AN_ID}</textarea>" in aside
    joining = client.post(f"{page}join/", {"inquiry": 0}).content.decode()
    assert OPEN.format("join") in joining and 'id="join_inquiry_error"' in joining
    assert Inquiry.objects.count() == 1
    assert not Anomaly.objects.exclude(set_aside_at=None).exists()


def test_figures_from_a_past_day_on_come_back_and_change_nothing(
    city: City, auditor: Account, client: Client
) -> None:
    client.force_login(auditor)
    figures = {**vars(Thresholds()), "unmask_most": 77}
    shown = client.post("/anomalies/policy/", {"valid_from": "2020-01-01", **figures})
    assert "不能从过去的日期起生效" in shown.content.decode()
    assert 'name="unmask_most" value="77"' in shown.content.decode()
    assert not DetectionPolicy.objects.exists()


def test_no_outcome_is_chosen_beforehand(
    inquiry: Inquiry, auditor: Account, client: Client
) -> None:
    client.force_login(auditor)
    shown = client.get(f"/anomalies/inquiries/{inquiry.pk}/").content.decode()
    choice = shown.partition('name="outcome"')[2].partition("</select>")[0]
    assert re.search(r'<option value="" selected>', choice) and choice.count("selected") == 1


def test_a_page_that_was_only_opened_has_no_dialog_open(
    listed: list[Anomaly], inquiry: Inquiry, auditor: Account, client: Client
) -> None:
    client.force_login(auditor)
    for path in (f"/anomalies/{listed[1].pk}/", f"/anomalies/inquiries/{inquiry.pk}/"):
        assert "data-faulty" not in client.get(path).content.decode()
