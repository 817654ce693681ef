"""Who sees and does what on the pages of layouts and printers (invariant 9, N8)."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.documents.reading import opened
from tests.layouts.test_printers import FOUND, printer
from tests.layouts.test_versions import PNG, draft, in_use
from tests.support.city import City, deliver
from tests.support.pages import text_of
from zhicheng.audit.models import AuditEvent
from zhicheng.documents.layout import content_of, export_layout, load_layout
from zhicheng.files.models import StoredFile
from zhicheng.layouts import printers
from zhicheng.layouts.models import LayoutVersion, Printer
from zhicheng.organizations.models import Account

OF_VERSION = ("", "export.toml", "sample.pdf")
STEPS = ("save", "preview", "toml", "import", "background", "background/remove", "use", "discard")


def logged_in(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def send(client: Client, path: str, **body: object) -> tuple[int, dict[str, object]]:
    answer = client.post(path, json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()


def test_only_the_office_and_the_auditor_see_layouts(city: City) -> None:
    version = draft(city)
    paths = ["/layouts/", *(f"/layouts/{version.pk}/{path}" for path in OF_VERSION)]
    others = [("health", "clerk"), ("district", "officer"), ("industry", "embosser")]
    for name, role in [*(key for key in city.accounts if key[0] == "office"), *others]:
        client = logged_in(city.who(name, role))
        wanted = (
            200 if name == "office" and role in ("clerk", "officer", "officer2", "auditor") else 403
        )
        for path in paths:
            assert client.get(path).status_code == wanted, (path, name, role)
    for who in (("office", "auditor"), ("health", "officer"), ("office", "administrator")):
        client = logged_in(city.who(*who))
        for step in STEPS:
            if who[1] == "auditor" and step in ("preview", "toml"):
                continue  # reading
            status = client.post(f"/layouts/{version.pk}/{step}/", {"revision": 1}).status_code
            assert status == 403, (step, who)
        assert client.get("/layouts/new/").status_code == 403
    version.refresh_from_db()
    assert (version.revision, version.state) == (1, "draft")


def test_strangers_are_sent_to_the_login(client: Client, city: City) -> None:
    version, machine = draft(city), printer(city)
    paths = [f"/layouts/{version.pk}/{path}" for path in OF_VERSION]
    paths += [f"/layouts/printers/{machine.pk}/{path}" for path in ("", "ruler.pdf", "test.pdf")]
    for path in [*paths, "/layouts/", "/layouts/printers/", "/layouts/new/"]:
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer.headers["Location"].startswith("/login/?next=")


def test_other_organisations_do_not_learn_of_a_printer(city: City) -> None:
    machine = printer(city)
    for who in (("industry", "clerk"), ("district", "officer")):
        client = logged_in(city.who(*who))
        assert machine.name not in text_of(client.get("/layouts/printers/"))
        for path in ("", "ruler.pdf", "test.pdf"):
            assert client.get(f"/layouts/printers/{machine.pk}/{path}").status_code == 404
        for step in ("rename/", "retire/", ""):
            answer = client.post(f"/layouts/printers/{machine.pk}/{step}", {"name": "x"})
            assert answer.status_code == 404, step
    for who in (("office", "auditor"), ("office", "officer")):
        client = logged_in(city.who(*who))
        page = client.get(f"/layouts/printers/{machine.pk}/")
        assert page.status_code == 200
        assert b'name="step"' not in page.content
        values = {"ax": 30, "ay": 30, "cx": 230, "cy": 155, "sheet": "senior", "step": "keep"}
        assert client.post(f"/layouts/printers/{machine.pk}/", values).status_code == 403
    assert logged_in(city.who("hospital", "clerk")).get("/layouts/printers/").status_code == 403
    machine.refresh_from_db()
    assert machine.active
    assert machine.current is None


def test_a_draft_is_made_from_a_file_and_changed_by_script(city: City) -> None:
    client = logged_in(city.who("office", "clerk"))
    text = export_layout(load_layout("junior")).replace("width = 260\n", "width = 261\n")
    answer = client.post(
        "/layouts/new/",
        {
            "grade": "junior",
            "year": "2026",
            "note": "",
            "file": SimpleUploadedFile("新版.toml", text.encode()),
        },
    )
    version = LayoutVersion.objects.get()
    assert answer.headers["Location"] == f"/layouts/{version.pk}/"
    assert version.layout.width == 261
    page = f"/layouts/{version.pk}/"
    content = content_of(version.layout)
    content["qr"]["x"] = 200
    status, told = send(client, f"{page}save/", revision=1, layout=content, note="量过")
    assert (status, told["revision"]) == (200, 2)
    status, told = send(client, f"{page}save/", revision=1, layout=content)
    assert status == 409
    assert told["refusal"]["rule"] == "layout.changed_meanwhile"  # type: ignore[index]
    status, told = send(client, f"{page}preview/", layout=content, sample="longest")
    assert status == 200
    assert str(told["picture"]).startswith("data:image/png;base64,")
    found = told["problems"]
    assert isinstance(found, list)
    assert "work_unit" in {item["place"] for item in found}
    # On one another, near the edge, too small for a code: each is named.
    content["qr"] = {"x": 174, "y": 45, "size": 22}
    _status, told = send(client, f"{page}preview/", layout=content, sample="plain")
    found = told["problems"]
    assert isinstance(found, list)
    assert {"qr", "qualification"} <= {i["place"] for i in found if i["severity"] == "error"}
    content["qr"] = {"x": 200, "y": 45, "size": 22}
    next(f for f in content["field"] if f["name"] == "name")["height"] = 5
    _status, told = send(client, f"{page}preview/", layout=content, sample="plain")
    assert {"place": "name", "severity": "error", "message": "框比字小，文字会印出框外。"} in (
        told["problems"]
    )
    answer = client.post(f"{page}toml/", json.dumps({"layout": content}), "application/json")
    assert "x = 174" in answer.content.decode()


def test_invariant_10_a_files_name_does_not_bring_an_id_number_into_the_audit(city: City) -> None:
    number = "110105199003072318"
    client = logged_in(city.who("office", "clerk"))
    text = export_layout(load_layout("junior"))

    def sent(content: str) -> Any:
        file = SimpleUploadedFile(f"{number}.toml", content.encode())
        values = {"grade": "junior", "year": "2026", "note": "", "file": file}
        return client.post("/layouts/new/", values)

    assert number not in sent(text.replace('"姓名"', "7")).content.decode()
    assert number not in sent(text.replace('"姓名"', f'"{number}"')).content.decode()
    assert not LayoutVersion.objects.exists()
    assert sent(text).status_code == 302
    (event,) = AuditEvent.objects.filter(tag="office:layout:draft")
    assert event.data["from"] == "110***********2318.toml"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"layout": 7}',
        b'{"revision": 1, "layout": {"grade": "senior", "field": 3}}',
        b'{"revision": 1, "layout": {"grade": "senior", "title": "\\ud800"}}',
        b'{"revision": "x", "layout": {}}',
        b'{"layout": ' + b"[" * 50_000,
        b'{"layout": ' + b"[" * 100_001,
    ],
)
def test_what_is_no_layout_is_refused_and_not_saved(city: City, body: bytes) -> None:
    version = draft(city)
    client = logged_in(city.who("office", "clerk"))
    for step in ("save", "preview", "toml"):
        answer = client.post(f"/layouts/{version.pk}/{step}/", body, "application/json")
        assert answer.status_code == 422, step
        assert answer.json()["refusal"]["message"]
    version.refresh_from_db()
    assert version.revision == 1


def test_the_scan_of_a_blank_is_shown_to_those_who_see_the_layout_alone(city: City) -> None:
    version = draft(city)
    client = logged_in(city.who("office", "clerk"))
    page = f"/layouts/{version.pk}/background/"
    assert client.get(page).status_code == 404
    for content, status in ((b"<svg/>", 422), (b"%PDF-1.7 %%EOF", 422), (PNG, 302)):
        file = SimpleUploadedFile("空白证书.png", content)
        assert client.post(page, {"revision": 1, "file": file}).status_code == status
    kept = StoredFile.objects.get()
    answer = client.get(page)
    assert answer.headers["Content-Type"] == "image/png"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert logged_in(city.who("health", "clerk")).get(page).status_code == 403
    event = AuditEvent.objects.filter(tag="office:layout:draft").latest("sequence")
    assert event.data["background"]["sha256"] == kept.sha256
    assert client.post(f"{page}remove/", {"revision": 2}).status_code == 302
    assert client.get(page).status_code == 404


def test_n18_the_button_is_there_for_the_second_person_alone(city: City) -> None:
    version = draft(city)
    page = f"/layouts/{version.pk}/"
    assert "启用这一版式" in text_of(logged_in(city.who("office", "officer")).get(page))
    assert "启用这一版式" not in text_of(logged_in(city.who("office", "clerk")).get(page))
    officer = logged_in(city.who("office", "officer"))
    send(officer, f"{page}save/", revision=1, layout=content_of(version.layout))
    assert "须由另一名负责人启用" in text_of(officer.get(page))
    assert officer.post(f"{page}use/", {"revision": 2}).status_code == 422
    second = logged_in(city.who("office", "officer2"))
    assert second.post(f"{page}use/", {"revision": 1}).status_code == 409
    assert second.post(f"{page}use/", {"revision": 2}).status_code == 302
    assert "保存" not in text_of(second.get(page))
    assert send(second, f"{page}save/", revision=2, layout={})[0] == 422


def test_two_versions_are_compared_in_millimetres(city: City) -> None:
    first, second = in_use(city, by=1.0), draft(city, by=-2.5)
    client = logged_in(city.who("office", "auditor"))
    page = text_of(client.get(f"/layouts/{second.pk}/compare/{first.pk}/"))
    assert "姓名 左 51 48.5 -2.5" in page
    same = text_of(client.get(f"/layouts/{first.pk}/compare/{first.pk}/"))
    assert "两个版本没有不同" in same


def test_a_printer_is_calibrated_on_its_page(city: City) -> None:
    client = logged_in(city.who("health", "clerk"))
    client.post("/layouts/printers/new/", {"name": "一号机", "tray_note": ""})
    machine = Printer.objects.get()
    page = f"/layouts/printers/{machine.pk}/"
    values = {"sheet": "senior", "ax": "31", "ay": "29", "cx": "231.2", "cy": "154"}
    shown = client.post(page, {**values, "step": "look"})
    assert "没有测量" in text_of(shown)
    assert not machine.calibrations.exists()
    half = client.post(page, {**values, "bx": "231.2", "step": "look"})
    assert half.status_code == 422
    assert client.post(page, {**values, "step": "keep"}).status_code == 302
    machine.refresh_from_db()
    assert machine.calibration.dx == pytest.approx(-0.97)
    refused = client.post(page, {**values, "cx": "260", "step": "keep"})
    assert refused.status_code == 422
    assert "横向缩放超过 2 %" in text_of(refused)
    for sheet in ("ruler.pdf?sheet=a4", "test.pdf?sheet=junior", "ruler.pdf?sheet=x"):
        answer = client.get(page + sheet)
        assert answer.content.startswith(b"%PDF-")


def test_the_queries_of_the_lists_do_not_grow_with_their_rows(city: City) -> None:
    counts = []
    for round_ in range(2):
        for number in range(1 if round_ == 0 else 6):
            in_use(city, "junior", 2000 + 10 * round_ + number)
            machine = printer(city, f"{round_}-{number}")
            printers.calibrate_printer(
                actor=city.who("health", "clerk"),
                printer_id=machine.pk,
                found=FOUND,
                width=260,
                height=185,
            )
            deliver(city, 5)
        client = logged_in(city.who("office", "officer"))
        for path in ("/layouts/", "/layouts/printers/", f"/layouts/printers/{machine.pk}/"):
            client.get(path)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            counts.append(len(queries))
    assert counts[:3] == counts[3:]


def test_n18_a_draft_waits_for_the_officer_who_had_no_hand_in_it(city: City) -> None:
    version = draft(city)
    second = logged_in(city.who("office", "officer2"))
    assert "套打版式草稿，核对后启用" in text_of(second.get("/tasks/"))
    for who in (("office", "clerk"), ("health", "officer")):
        assert "套打版式草稿" not in text_of(logged_in(city.who(*who)).get("/tasks/"))
    send(second, f"/layouts/{version.pk}/save/", revision=1, layout=content_of(version.layout))
    assert "套打版式草稿" not in text_of(second.get("/tasks/"))


def test_the_sample_leaves_out_what_does_not_fit(city: City) -> None:
    version = draft(city)
    client = logged_in(city.who("office", "clerk"))
    content = content_of(version.layout)
    for field in content["field"]:
        if field["name"] == "work_unit":
            field["width"], field["height"], field["min_size"] = 60, 6, 13
    send(client, f"/layouts/{version.pk}/save/", revision=1, layout=content)
    with opened(client.get(f"/layouts/{version.pk}/sample.pdf").content) as document:
        assert len(document.pages) == 1
