"""The pages of printing: the station's button, the print centre, the certificate's history."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.support.city import City, accepted_register, carry, deliver
from tests.support.pages import text_of
from tests.support.printing import printed, started
from tests.support.working import work_off
from zhicheng.audit.models import AuditEvent
from zhicheng.certificates.models import Certificate, PrintJob, PrintPortion
from zhicheng.certificates.printjobs.ending import confirm
from zhicheng.certificates.printjobs.queries import failing
from zhicheng.certificates.printjobs.starting import start
from zhicheng.certificates.waiting import certificates_waiting
from zhicheng.layouts.printers import add_printer, retire_printer
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.protection import reveal
from zhicheng.registers.models import Register
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import format_serial, parse_ranges

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(city: City) -> Register:
    made = accepted_register(city, 8)
    deliver(city, 20)
    carry(city, made, "filled")
    return made


def logged_in(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_stations_button_starts_a_job_for_a_range_and_leaves_out_what_was_printed(
    register: Register, clerk: Account
) -> None:
    client = logged_in(clerk)
    address = f"/certificates/registers/{register.pk}/print/"
    form = {"grade": "intermediate", "printer": "", "portion": "200"}
    answer = client.post(address, {**form, "scope": "range", "first": "1", "last": "3"})
    job = PrintJob.objects.get()
    assert answer.headers["Location"] == f"/certificates/printing/{job.pk}/"
    assert job.pages_count == 3
    client.post(address, {**form, "scope": "range", "first": "2", "last": "5"})
    assert PrintJob.objects.latest("pk").pages_count == 2
    said = text_of(client.get(f"/certificates/registers/{register.pk}/"))
    assert f"打印任务 {job.number}" in said and "3 本未打印" in said
    client.post(address, {**form, "scope": "all"})
    assert PrintJob.objects.latest("pk").pages_count == 3
    assert (
        'data-dialog="print"'
        not in client.get(f"/certificates/registers/{register.pk}/").content.decode()
    )


def test_the_page_leads_from_the_tray_to_the_result(register: Register, clerk: Account) -> None:
    client = logged_in(clerk)
    job = started(clerk, register, portion_size=5)
    address = job.get_absolute_url()
    assert "第 1 批：装纸" in text_of(client.get(address))
    serials = sorted(job.pages.values_list("serial", flat=True))
    wrong = client.post(f"{address}load/", {"serial": format_serial(serials[1])})
    assert wrong.status_code == 422 and "改从此编号开始" in text_of(wrong)
    assert client.post(f"{address}1.pdf").status_code == 422
    client.post(f"{address}load/", {"serial": format_serial(serials[0])})
    sheet = client.post(f"{address}1.pdf", {"show": "1"})
    assert sheet.content.startswith(b"%PDF")
    assert sheet.headers["Content-Disposition"].startswith("inline")
    assert sheet.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "no-store" in sheet.headers["Cache-Control"]
    page = text_of(client.get(address))
    assert "第 2 批：装纸" in page and "有错制，或就此结束" in page and "全部完好" not in page
    client.post(f"{address}recut/", {"first-serial": format_serial(serials[6])})
    work_off()
    client.post(f"{address}load/", {"serial": format_serial(serials[6])})
    client.post(f"{address}2.pdf")
    client.post(f"{address}load/", {"serial": format_serial(serials[5])})
    client.post(f"{address}3.pdf")
    assert "全部完好，8 本" in text_of(client.get(address))
    answer = client.post(
        f"{address}confirm/",
        {"serials": format_serial(serials[2]), "reason": "misprint", "note": "偏位"},
    )
    follower = PrintJob.objects.latest("pk")
    assert answer.headers["Location"] == follower.get_absolute_url()
    said = text_of(client.get(follower.get_absolute_url()))
    assert "完好 7 本" in said and "作废 1 本" in said and follower.number in said
    assert "偏位" in text_of(client.get(address))
    assert client.post(f"{address}1.pdf").status_code == 422  # ended: no file any more


def test_no_whole_id_number_and_no_link_to_the_file_stand_on_the_pages(
    register: Register, clerk: Account
) -> None:
    client = logged_in(clerk)
    job = started(clerk, register)
    numbers = [reveal(bytes(c.id_number_cipher)) for c in register.certificates.all()]
    for path in (job.get_absolute_url(), "/certificates/printing/"):
        page = client.get(path).content.decode()
        assert not [number for number in numbers if number in page]
    assert client.get(f"{job.get_absolute_url()}1.pdf").status_code == 405


def test_others_fetch_no_file_and_see_no_job(
    city: City, register: Register, clerk: Account
) -> None:
    job = started(clerk, register)
    printed(clerk, job)
    path = f"{job.get_absolute_url()}1.pdf"
    for who in (("industry", "clerk"), ("enterprise", "clerk"), ("hospital", "clerk")):
        assert logged_in(city.who(*who)).post(path).status_code in (403, 404), who
    for who in (("health", "officer"), ("office", "officer"), ("office", "auditor")):
        client = logged_in(city.who(*who))
        assert client.get(job.get_absolute_url()).status_code == 200, who
        assert client.post(path).status_code == 403, who
    portion = PrintPortion.objects.get(job=job)
    assert portion.handed_out == 1


def test_a_single_certificate_is_printed_from_its_own_page_and_its_history_stands_there(
    register: Register, clerk: Account
) -> None:
    client = logged_in(clerk)
    certificate = register.certificates.order_by("blank_serial")[0]
    page = f"/certificates/{certificate.pk}/"
    assert "建立打印任务" in text_of(client.get(page))
    client.post(f"{page}print/", {"printer": ""})
    work_off()
    job = PrintJob.objects.get()
    assert job.pages_count == 1 and job.address == "http://testserver/"
    said = text_of(client.get(page))
    assert "打印记录" in said and job.number in said and "建立打印任务" not in said
    assert job.pages.get().signing_key in said


def test_the_task_list_says_what_waits_to_be_printed_and_confirmed(
    register: Register, clerk: Account
) -> None:
    def waiting() -> int:
        groups = {group.title: group for group in certificates_waiting(clerk)}
        return groups["打印待确认"].count

    assert waiting() == 0
    job = started(clerk, register)
    assert waiting() == 1
    PrintJob.objects.filter(pk=job.pk).update(started_at=timezone.now() - timedelta(days=8))
    group = next(g for g in certificates_waiting(clerk) if g.title == "打印待确认")
    assert group.tone == "bad" and job.number in group.items[0][0]
    printed(clerk, job)
    assert waiting() == 1
    confirm(actor=clerk, job_id=job.pk)
    assert waiting() == 0


def test_printers_are_compared_by_their_misprints(
    city: City, register: Register, clerk: Account
) -> None:
    printer = add_printer(actor=clerk, organization=city.health, name="一号机")
    job = started(clerk, register, printer_id=printer.pk)
    printed(clerk, job)
    first = min(job.pages.values_list("serial", flat=True))
    outcome = confirm(actor=clerk, job_id=job.pk, serials=parse_ranges(str(first)))
    work_off()
    follower = outcome.followers[0]
    printed(clerk, follower)
    confirm(actor=clerk, job_id=follower.pk)
    (line,) = failing(clerk)
    assert (line.printer, line.jobs, line.pages, line.misprints) == ("一号机", 2, 9, 1)
    assert line.rate == "11.1 %"
    assert failing(city.who("industry", "clerk")) == []
    assert len(failing(city.who("office", "officer"))) == 1


def test_a_printer_of_another_unit_or_out_of_use_is_refused(
    city: City, register: Register, clerk: Account
) -> None:
    theirs = add_printer(
        actor=city.who("industry", "clerk"), organization=city.industry, name="别家的"
    )
    old = add_printer(actor=clerk, organization=city.health, name="旧的")
    retire_printer(actor=clerk, printer_id=old.pk)
    for printer in (theirs, old):
        with pytest.raises(Refusal) as refused:
            start(
                actor=clerk,
                register_id=register.pk,
                grade="intermediate",
                printer_id=printer.pk,
            )
        assert refused.value.rule == "printing.printer_unknown"


def test_the_statements_of_a_start_do_not_grow_with_the_batch(city: City, clerk: Account) -> None:
    counts = []
    for people in (3, 60):
        register = accepted_register(city, people)
        deliver(city, people + 8)
        carry(city, register, "filled")
        with CaptureQueriesContext(connection) as queries:
            start(actor=clerk, register_id=register.pk, grade="intermediate")
        counts.append(len(queries))
        assert Certificate.objects.filter(register=register).count() == people
    assert counts[0] == counts[1]


def test_the_layout_is_on_record_in_chinese_and_read_in_one_s_own_language(
    register: Register, clerk: Account
) -> None:
    client = logged_in(clerk)
    client.cookies["django_language"] = "en"
    address = f"/certificates/registers/{register.pk}/print/"
    client.post(address, {"grade": "intermediate", "printer": "", "portion": "9", "scope": "all"})
    job = PrintJob.objects.get()
    assert job.layout_label == "产品自带版式"
    assert AuditEvent.objects.get(tag=Action.PRINT_JOB_START).data["layout"] == "产品自带版式"
    shown = text_of(client.get(job.get_absolute_url()))
    assert "产品自带版式" not in shown and "layout" in shown
