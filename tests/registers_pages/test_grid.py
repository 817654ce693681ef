"""The register's grid: marks, corrections in place, suggestions, two people at once."""

import re

from django.test import Client

from tests.registers_pages.conftest import LogIn
from tests.support.filing import Filing
from tests.support.pages import HTMX, text_of
from zhicheng.audit.models import AuditEvent
from zhicheng.registers.models import Register


def _correct(client: Client, register: Register, position: int, column: str, value: str, **more):
    row = register.rows.get(position=position)
    told = {"column": column, "value": value, "version": row.version, **more}
    return client.post(f"/registers/{register.pk}/rows/{row.pk}/correct/", told, headers=HTMX)


def _cell(page: str, register: Register, position: int, column: str) -> str:
    """The opening tag of a cell."""
    row = register.rows.get(position=position)
    found = re.search(rf'<td id="c-{row.pk}-{column}"[^>]*>', page)
    assert found is not None
    return found[0]


def test_faulty_cells_are_marked_and_say_why(filing: Filing, log_in: LogIn) -> None:
    lines = filing.lines(3)
    register = filing.upload([lines[0].but(专业名称="外科"), lines[1].but(姓名=" 甲"), lines[2]])
    page = log_in("hospital", "clerk").get(f"/registers/{register.pk}/").content.decode()
    assert "is-error" in _cell(page, register, 1, "specialty")
    assert "data-fault" in _cell(page, register, 1, "specialty")
    assert "aria-describedby" in _cell(page, register, 1, "specialty")
    assert "is-" not in _cell(page, register, 3, "specialty")
    assert "采用核准文件的值" in page
    assert f"应为 <strong>{lines[0].listed.specialty}</strong>" in page


def test_a_correction_frees_other_rows_too(filing: Filing, log_in: LogIn) -> None:
    lines = filing.lines(3)
    number = lines[0].certificate_number
    register = filing.upload([lines[0], lines[1].but(证书编号=number), lines[2]])
    faulty = {finding.row.position for finding in register.findings.filter(severity="error")}
    assert faulty
    answer = _correct(
        log_in("hospital", "clerk"), register, 2, "certificate_number", "2026-OWN"
    ).content.decode()
    assert "is-error" not in _cell(answer, register, 2, "certificate_number")
    # Every row whose marks changed comes along, out of band.
    for position in faulty - {2}:
        assert "is-error" not in _cell(answer, register, position, "certificate_number")
        assert 'hx-swap-oob="true"' in answer
    assert "核对无误后提交" in answer


def test_the_second_of_two_people_sees_whose_change_came_first(
    filing: Filing, log_in: LogIn
) -> None:
    (line,) = filing.lines(1)
    register = filing.upload([line.but(专业名称="外科")])
    row = register.rows.get()
    first, second = log_in("hospital", "clerk"), log_in("hospital", "clerk")
    seen = {"column": "specialty", "version": row.version}
    path = f"/registers/{register.pk}/rows/{row.pk}/correct/"
    assert first.post(path, {**seen, "value": "眼科"}, headers=HTMX).status_code == 200
    answer = second.post(path, {**seen, "value": "骨科"}, headers=HTMX)
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#sheet-said"
    said = text_of(answer)
    assert "hospital.clerk已于" in said and "先修改了这一行" in said
    assert 'data-text="眼科"' in answer.content.decode()
    row.refresh_from_db()
    assert row.specialty == "眼科"
    # Without scripts the same refusal is a page.
    assert second.post(path, {**seen, "value": "骨科"}).status_code == 409


def test_one_key_takes_over_the_approval_documents_value(filing: Filing, log_in: LogIn) -> None:
    (line,) = filing.lines(1)
    register = filing.upload([line.but(身份证号码=line.listed.person.id_number[:17])])
    finding = register.findings.get(severity="error")
    row = register.rows.get()
    answer = log_in("hospital", "clerk").post(
        f"/registers/{register.pk}/rows/{row.pk}/accept/{finding.pk}/",
        {"version": row.version},
        headers=HTMX,
    )
    assert answer.status_code == 200
    assert line.listed.person.id_number not in answer.content.decode()
    register.refresh_from_db()
    assert register.error_count == 0


def test_all_values_of_one_kind_at_once(filing: Filing, log_in: LogIn) -> None:
    lines = filing.lines(4)
    register = filing.upload(
        [*(line.but(专业名称="外科") for line in lines[:3]), lines[3].but(性别="")]
    )
    client = log_in("hospital", "clerk")
    page = client.get(f"/registers/{register.pk}/").content.decode()
    assert "全部采用（3）" in page
    answer = client.post(
        f"/registers/{register.pk}/suggestions/",
        {"kind": "approval.specialty_differs", "show": "error"},
        headers=HTMX,
    )
    assert "已更正 3 处" in answer.content.decode()
    register.refresh_from_db()
    assert register.error_count == 1


def test_counters_filter_and_the_place_is_kept(filing: Filing, log_in: LogIn) -> None:
    lines = filing.lines(5)
    register = filing.upload([lines[0], lines[1].but(专业名称="外科"), *lines[2:]])
    client = log_in("hospital", "clerk")
    answer = client.post(f"/registers/{register.pk}/rows/", {"only": "error"}, headers=HTMX)
    assert re.findall(r'data-position="(\d+)"', answer.content.decode()) == ["2"]
    assert 'name="show" value="error"' in answer.content.decode()
    answer = client.post(
        f"/registers/{register.pk}/rows/", {"only": "approval.specialty_differs"}, headers=HTMX
    )
    assert re.findall(r'data-position="(\d+)"', answer.content.decode()) == ["2"]
    whole = client.post(f"/registers/{register.pk}/rows/", {"show": "error"})
    assert whole.status_code == 200 and "<html" in whole.content.decode()


def test_people_are_found_by_name_or_number_without_a_trace_in_the_address(
    filing: Filing, log_in: LogIn
) -> None:
    lines = filing.lines(3)
    register = filing.upload(lines)
    client = log_in("hospital", "clerk")
    for text in (
        lines[1].listed.person.name,
        lines[1].listed.person.id_number,
        lines[1].certificate_number,
    ):
        answer = client.post(f"/registers/{register.pk}/rows/", {"find": text}, headers=HTMX)
        assert re.findall(r'data-position="(\d+)"', answer.content.decode()) == ["2"]
    assert client.get(f"/registers/{register.pk}/rows/").status_code == 405


def test_the_next_fault_is_found_beyond_the_page(filing: Filing, log_in: LogIn) -> None:
    lines = filing.lines(130)
    lines[119] = lines[119].but(专业名称="外科")
    register = filing.upload(lines)
    client = log_in("hospital", "clerk")
    page = f"/registers/{register.pk}/rows/"
    answer = client.post(page, {"go": "next", "position": "100"}, headers=HTMX)
    row = register.rows.get(position=120)
    assert f'data-focus="c-{row.pk}-specialty"' in answer.content.decode()
    assert 'data-position="101"' in answer.content.decode()
    again = client.post(page, {"go": "next", "position": "120"}, headers=HTMX)
    assert f'data-focus="c-{row.pk}-specialty"' in again.content.decode()
    back = client.post(page, {"go": "previous", "position": "130"}, headers=HTMX)
    assert f'data-focus="c-{row.pk}-specialty"' in back.content.decode()
    client.post(
        f"{page}{row.pk}/correct/",
        {"column": "specialty", "value": lines[0].listed.specialty, "version": row.version},
        headers=HTMX,
    )
    end = client.post(page, {"go": "next", "position": "0"}, headers=HTMX)
    assert end.status_code == 204 and end.headers["HX-Trigger"] == "sheet:end"


def test_a_finding_leads_to_its_cell(filing: Filing, log_in: LogIn) -> None:
    lines = filing.lines(120)
    lines[110] = lines[110].but(专业名称="外科")
    register = filing.upload(lines)
    client = log_in("hospital", "clerk")
    listed = client.get(f"/registers/{register.pk}/findings/").content.decode()
    link = re.search(r'href="(/registers/\d+/\?row=\d+&amp;column=specialty)"', listed)
    assert link is not None
    row = register.rows.get(position=111)
    page = client.get(link[1].replace("&amp;", "&")).content.decode()
    assert f'data-focus="c-{row.pk}-specialty"' in page


def test_id_numbers_are_masked_and_looking_is_on_record(filing: Filing, log_in: LogIn) -> None:
    (line,) = filing.lines(1)
    register = filing.upload([line])
    number = line.listed.person.id_number
    row = register.rows.get()
    client = log_in("hospital", "clerk")
    for part in ("", "findings/", "missing/", "history/"):
        assert number not in client.get(f"/registers/{register.pk}/{part}").content.decode()
    path = f"/registers/{register.pk}/rows/{row.pk}/id-number/"
    assert client.post(path).status_code == 422
    answer = client.post(path, {"purpose": "correct"})
    assert answer.json() == {"id_number": number}
    event = AuditEvent.objects.latest("sequence")
    assert (event.tag, event.subject_id, event.row_ids) == (
        "any:person:unmask",
        register.pk,
        [row.pk],
    )
    assert event.data["purpose"] == "correct" and number not in str(event.data)
    assert log_in("health", "embosser").post(path, {"purpose": "paper"}).status_code == 403


def test_a_row_of_another_register_is_not_reached_through_this_one(
    filing: Filing, log_in: LogIn
) -> None:
    lines = filing.lines(2)
    mine = filing.upload([lines[0]])
    other = filing.upload([lines[1]])
    row = other.rows.get()
    client = log_in("hospital", "clerk")
    for part in ("correct/", "remove/"):
        answer = client.post(
            f"/registers/{mine.pk}/rows/{row.pk}/{part}",
            {"column": "name", "value": "x", "version": row.version},
        )
        assert answer.status_code == 404
    number = client.post(f"/registers/{mine.pk}/rows/{row.pk}/id-number/", {"purpose": "correct"})
    assert number.status_code == 422


def test_a_removed_row_closes_the_gap(filing: Filing, log_in: LogIn) -> None:
    lines = filing.lines(3)
    register = filing.upload(lines)
    row = register.rows.get(position=2)
    answer = log_in("hospital", "clerk").post(
        f"/registers/{register.pk}/rows/{row.pk}/remove/", {"version": row.version}, headers=HTMX
    )
    assert f"已删除第 2 行 {row.name}" in answer.content.decode()
    assert list(register.rows.values_list("position", flat=True)) == [1, 2]


def test_people_missing_from_the_register_are_added(filing: Filing, log_in: LogIn) -> None:
    lines = filing.lines(3)
    register = filing.upload(lines[:1])
    client = log_in("hospital", "clerk")
    page = client.get(f"/registers/{register.pk}/missing/").content.decode()
    people = re.findall(r'name="person" value="(\d+)"', page)
    assert len(people) == 2
    answer = client.post(
        f"/registers/{register.pk}/missing/add/", {"person": people[:1]}, follow=True
    )
    assert "已加入 1 人" in text_of(answer)
    assert register.rows.count() == 2
    # Only people who are missing here can be added here.
    stray = client.post(f"/registers/{register.pk}/missing/add/", {"person": ["999999"]})
    assert stray.status_code == 422


def test_hostile_text_is_shown_as_text(filing: Filing, log_in: LogIn) -> None:
    (line,) = filing.lines(1)
    register = filing.upload([line.but(工作单位='"><script>alert(1)</script>')])
    page = log_in("hospital", "clerk").get(f"/registers/{register.pk}/").content.decode()
    assert "<script>alert" not in page


def test_the_number_of_queries_does_not_grow_with_the_rows(
    filing: Filing, log_in: LogIn, django_assert_max_num_queries
) -> None:
    lines = filing.lines(120)
    small = filing.upload([line.but(专业名称="外科") for line in lines[:3]])
    large = filing.upload([line.but(专业名称="外科") for line in lines[3:]])
    client = log_in("hospital", "clerk")
    with django_assert_max_num_queries(16) as few:
        client.get(f"/registers/{small.pk}/")
    with django_assert_max_num_queries(len(few)):
        client.get(f"/registers/{large.pk}/")
    for part in ("findings/", "missing/", "history/", "paper/"):
        with django_assert_max_num_queries(18):
            client.get(f"/registers/{large.pk}/{part}")
    with django_assert_max_num_queries(12):
        client.get("/registers/")
