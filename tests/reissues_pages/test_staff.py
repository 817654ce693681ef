"""The pages of applications for accounts: who sees and does what, lists, papers (invariant 9)."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.documents.reading import page_texts
from tests.support.city import City, id_number
from tests.support.pages import text_of
from tests.support.reissues import PDF, TODAY, Way, about, issued
from zhicheng.audit.models import AuditEvent
from zhicheng.certificates.models import IssueAgent
from zhicheng.organizations.models import Account, Organization
from zhicheng.protection import reveal
from zhicheng.reissues.deadlines import deadlines
from zhicheng.reissues.models import Reissue, VoidSighting

pytestmark = pytest.mark.django_db
READING = (
    "/reissues/{pk}/",
    "/reissues/{pk}/form.pdf",
    "/reissues/{pk}/receipt.pdf",
)
DOING = (
    "accept",
    "accept-loss",
    "return",
    "refuse",
    "opine",
    "record-opinion",
    "match",
    "hand-in",
    "dispose",
    "withdraw",
    "found",
    "hand-out",
    "take-back",
    "exchange",
    "number",
    "fill",
    "spoil",
    "seal",
    "emboss",
    "issue",
    "apply/details",
    "apply/corrections",
    "apply/papers",
    "apply/submit",
    "apply/withdraw",
    "apply/found",
)


def logged_in(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def scan() -> SimpleUploadedFile:
    return SimpleUploadedFile("意见.pdf", PDF)


def test_other_organisations_do_not_learn_that_an_application_exists(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).submit()
    for who in (("district", "clerk"), ("enterprise", "officer"), ("industry", "officer")):
        client = logged_in(city.who(*who))
        for path in READING:
            assert client.get(path.format(pk=way.reissue.pk)).status_code == 404, (path, who)
        for key in DOING:
            status = client.post(f"/reissues/{way.reissue.pk}/{key}/").status_code
            assert status in (403, 404), (key, who, status)
        assert way.reissue.receipt_number not in text_of(client.get("/reissues/"))
    assert way.now.state == "applied"


def test_auditors_and_administrators_move_nothing(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).submit()
    auditor = logged_in(city.who("office", "auditor"))
    for path in READING:
        assert auditor.get(path.format(pk=way.reissue.pk)).status_code == 200, path
    administrator = logged_in(city.who("office", "administrator"))
    for path in READING:
        assert administrator.get(path.format(pk=way.reissue.pk)).status_code == 403, path
    for client in (auditor, administrator):
        for key in DOING:
            status = client.post(f"/reissues/{way.reissue.pk}/{key}/").status_code
            assert status in (403, 404), key
    assert way.now.state == "applied"


def buttons(client: Client, way: Way) -> set[str]:
    """The dialogs that the application's page offers."""
    page = client.get(f"/reissues/{way.reissue.pk}/").content.decode()
    return {key for key in DOING if f'data-dialog="{key}"' in page}


def test_n10_buttons_are_for_whoever_is_next_alone(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).submit()
    people = {
        name: logged_in(city.who(*name))
        for name in (
            ("hospital", "clerk"),
            ("health", "clerk"),
            ("health", "officer"),
            ("health", "embosser"),
            ("office", "clerk"),
        )
    }

    def offered() -> dict[tuple[str, str], set[str]]:
        ends = {"return", "refuse", "withdraw", "found", "accept-loss"}
        return {
            name: found for name, client in people.items() if (found := buttons(client, way) - ends)
        }

    assert offered() == {("health", "clerk"): {"accept"}, ("health", "officer"): {"accept"}}
    way.accept()
    assert offered() == {
        ("hospital", "clerk"): {"opine"},
        ("health", "clerk"): {"record-opinion", "number"},
        ("health", "officer"): {"record-opinion", "number"},
    }
    way.opinions("work_unit")
    found = offered()
    assert ("hospital", "clerk") not in found
    assert "opine" in found[("health", "officer")]
    for step in way.now.path:
        if step["level"] in ("department", "approving"):
            way.opine(step)
    found = offered()
    assert found[("office", "clerk")] == {"hand-out"}
    assert "hand-out" not in found[("health", "clerk")]


def test_n10_every_step_by_the_pages_and_its_paper(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).submit()
    pk = way.reissue.pk
    clerk, officer = (logged_in(city.who("health", role)) for role in ("clerk", "officer"))

    def post(client: Client, key: str, **fields: object) -> str:
        answer = client.post(f"/reissues/{pk}/{key}/", fields, follow=True)
        return text_of(answer)

    refused = post(clerk, "accept", signed_on=TODAY.isoformat(), copies=1)
    assert "一式两份" in refused
    assert "N10" in refused
    post(clerk, "accept", signed_on=TODAY.isoformat(), copies=2, scan=scan())
    early = post(officer, "opine", decision="agree")
    assert "不由您所在的单位签署" in early or "前面的意见还没有签署" in early
    post(clerk, "record-opinion", decision="agree", given_on=TODAY.isoformat(), scan=scan())
    post(officer, "opine", decision="return", text="请补充登报日期所在版面")
    assert way.now.state == "returned"
    page = text_of(clerk.get(f"/reissues/{pk}/"))
    assert "请补充登报日期所在版面" in page
    assert "退回补正" in page
    token = Reissue.objects.get(pk=pk).opinions.exclude(scan=None)[0].scan.token  # type: ignore[union-attr]
    assert clerk.get(f"/reissues/{pk}/files/{token}/").status_code == 200
    looks = AuditEvent.objects.filter(tag="any:person:unmask").count()
    form = clerk.get(f"/reissues/{pk}/form.pdf")
    texts = page_texts(form.content)
    assert len(texts) == 2
    assert reveal(bytes(old.id_number_cipher)) in texts[0]
    assert "山城第一人民医院" in texts[0]
    assert AuditEvent.objects.filter(tag="any:person:unmask").count() == looks + 1
    embosser = logged_in(city.who("health", "embosser"))
    masked = page_texts(embosser.get(f"/reissues/{pk}/form.pdf").content)[0]
    assert reveal(bytes(old.id_number_cipher)) not in masked


def test_n11_blanks_are_handed_out_for_several_at_once(city: City) -> None:
    ways = [Way(city, about(old)).upto("granted") for old in issued(city, 2)]
    office = logged_in(city.who("office", "clerk"))
    page = text_of(office.get("/reissues/ready/"))
    for way in ways:
        assert way.reissue.receipt_number in page
    assert logged_in(city.who("health", "officer")).get("/reissues/ready/").status_code == 403
    nobody = office.post("/reissues/ready/", {"collected_by": "王领取"}, follow=True)
    assert "没有选择申请" in text_of(nobody)
    answer = office.post(
        "/reissues/ready/",
        {"collected_by": "王领取", "picked": [way.reissue.pk for way in ways]},
        follow=True,
    )
    assert "已发放空白证书 2 本" in text_of(answer)
    assert {way.now.state for way in ways} == {"collected"}


def test_n8_a_new_certificate_goes_to_an_agent_by_authorisation_alone(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).upto("embossed")
    address = f"/reissues/{way.reissue.pk}/issue/"
    clerk = logged_in(city.who("health", "clerk"))
    assert "授权材料" in text_of(clerk.get(f"/reissues/{way.reissue.pk}/"))
    agent = {
        "relation": "agent",
        "agent_name": "杜若谷",
        "agent_id_number": id_number(77),
        "agent_relation": "spouse",
        "agent_id_checked": "on",
    }
    refused = clerk.post(address, agent)
    assert "代领证书须附授权材料" in text_of(refused)
    assert (way.now.state, IssueAgent.objects.count()) == ("making", 0)
    clerk.post(address, {**agent, "authorisation": scan()})
    record = way.certificate.issue_record
    assert record.agent is not None
    assert (record.agent.name, record.id_checked, way.now.state) == ("杜若谷", True, "done")
    page = text_of(clerk.get(f"/certificates/{way.certificate.pk}/"))
    assert "杜若谷（配偶）" in page
    assert id_number(77) not in page


def test_the_register_of_reissues_as_excel_masks_id_numbers(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old, "renewal")).upto("issued")
    answer = logged_in(city.who("office", "officer")).get("/reissues/?export=xlsx")
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    head, row = sheet.iter_rows(values_only=True)
    told = dict(zip(head, row, strict=True))
    assert told["原证书编号"] == old.number
    assert told["新证书编号"] == way.certificate.number
    assert told["类别"] == "换发"
    assert told["身份证号码"] == old.id_number_masked
    assert told["空白证书编号"] == f"{way.certificate.blank_serial:07d}"
    assert told["状态"] == "已核发"
    assert "专业名称" in str(told["更正事项"])
    for column in ("提交", "受理", "签章完备", "领取空白证书", "填制", "加盖公章", "加盖钢印"):
        assert told[column], column
    assert reveal(bytes(old.id_number_cipher)).encode() not in content


def test_n18_late_applications_are_marked_and_found(city: City) -> None:
    first, second = issued(city, 2)
    late, timely = Way(city, about(first)).submit(), Way(city, about(second)).submit()
    Reissue.objects.filter(pk=late.reissue.pk).update(
        waiting_since=timezone.now() - timedelta(days=20)
    )
    clerk = logged_in(city.who("health", "clerk"))
    page = clerk.get("/reissues/?waits=late").content.decode()
    assert late.reissue.receipt_number in page
    assert timely.reissue.receipt_number not in page
    assert "超时" in page
    assert "超时" in text_of(clerk.get(f"/reissues/{late.reissue.pk}/"))


def test_n18_deadlines_are_set_by_the_offices_officer(city: City) -> None:
    values = {"step": "acceptance", "days": "9", "valid_from": timezone.localdate().isoformat()}
    assert (
        logged_in(city.who("office", "clerk")).post("/reissues/deadlines/", values).status_code
        == 403
    )
    office = logged_in(city.who("office", "officer"))
    assert office.post("/reissues/deadlines/", values).status_code == 302
    assert deadlines(timezone.localdate())["acceptance"] == 9
    assert "9" in text_of(office.get("/reissues/deadlines/"))


def test_n12_a_void_certificate_that_turns_up_is_recorded(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).upto("issued")
    clerk = logged_in(city.who("health", "clerk"))
    unknown = clerk.post("/reissues/void/", {"number": "1", "channel": "handed_in"})
    assert "没有登记" in text_of(unknown)
    told = clerk.post(
        "/reissues/void/",
        {"number": old.number, "channel": "handed_in", "note": "本人交来"},
        follow=True,
    )
    assert "已登记" in text_of(told)
    assert VoidSighting.objects.get().reissue == way.now
    page = text_of(clerk.get(f"/certificates/{old.pk}/"))
    assert "已补办" in page
    assert way.certificate.number in page
    page = text_of(clerk.get(f"/certificates/{way.certificate.pk}/"))
    assert old.number in page


def test_n10_a_clerk_applies_for_a_holder(city: City) -> None:
    (old,) = issued(city)
    clerk = logged_in(city.who("hospital", "clerk"))
    page = clerk.get(f"/reissues/new/?number={old.number}").content.decode()
    assert old.number in page
    answer = clerk.post(
        "/reissues/new/",
        {
            "kind": "renewal",
            "name": old.name,
            "id_number": reveal(bytes(old.id_number_cipher)),
            "old_number": old.number,
            "telephone": "13800001234",
        },
    )
    reissue = Reissue.objects.get()
    assert answer["Location"] == f"/reissues/{reissue.pk}/apply/"
    assert reissue.created_by == city.who("hospital", "clerk")
    base = answer["Location"]
    clerk.post(f"{base}details/", {"unit": reissue.unit_id, "damaged": "on"})
    clerk.post(f"{base}papers/", {"kind": "review_form", "papers": [scan()]})
    sent = clerk.post(f"{base}submit/", follow=True)
    assert reissue.receipt_number in text_of(sent)
    reissue.refresh_from_db()
    assert reissue.state == "applied"


def test_the_queries_of_the_pages_do_not_grow_with_their_rows(city: City) -> None:
    office = logged_in(city.who("office", "officer"))
    counts = []
    made = 0
    for people in (2, 10):
        for order, old in enumerate(issued(city, people)):
            Way(city, about(old)).upto(("accepted", "granted")[order % 2])
            made += 1
        office.get("/tasks/")
        with CaptureQueriesContext(connection) as queries:
            assert office.get("/reissues/").status_code == 200
            assert office.get("/reissues/ready/").status_code == 200
        counts.append(len(queries))
    assert made == 12
    assert counts[1] <= counts[0]


def test_n10_the_office_names_the_department_that_took_over_from_an_abolished_one(
    city: City,
) -> None:
    (old,) = issued(city, unit=city.district)
    way = Way(city, about(old)).upto("accepted")
    client = logged_in(city.who("office", "officer"))
    page, label = f"/reissues/{way.reissue.pk}/", "改定资格核准部门"
    assert label not in text_of(client.get(page))
    department = old.approving_department
    department.valid_to = timezone.localdate() - timedelta(days=1)
    department.save()
    Organization.objects.filter(pk=city.industry.pk).update(is_approving_department=True)
    shown = text_of(client.get(page))
    assert label in shown and "认定原证书信息" not in shown
    listed = client.get("/reissues/?waits=decide")
    assert way.now.receipt_number in text_of(listed)
    assert "waits=decide" in client.get("/tasks/").content.decode()
    sent = {"approving_department": str(department.pk), "note": "机构改革"}
    client.post(f"{page}match/", sent)
    assert way.now.approving_department_id == department.pk  # not in force: no choice of the form
    client.post(f"{page}match/", sent | {"approving_department": str(city.industry.pk)})
    assert way.now.approving_department_id == city.industry.pk
    assert label not in text_of(client.get(page))
