"""The grid's page and its requests: permissions, privacy, versions, bad input."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from tests.registers_pages.conftest import LogIn
from tests.support.filing import Filing
from tests.support.pages import HTMX, text_of
from zhicheng.audit.models import AuditEvent
from zhicheng.registers import actions
from zhicheng.registers.columns import COLUMNS, KEYS
from zhicheng.registers.models import GridPresence, Register


def path(register: Register, part: str = "") -> str:
    return f"/registers/{register.pk}/grid/{part}"


def send(client: Client, register: Register, part: str, body: object) -> Any:
    return client.post(path(register, part), json.dumps(body), content_type="application/json")


def save(
    client: Client, register: Register, position: int, version: int = 1, **cells: object
) -> Any:
    row = register.rows.get(position=position)
    told = {key: cell if isinstance(cell, dict) else {"to": cell} for key, cell in cells.items()}
    edits = [{"row": row.pk, "version": version, "cells": told}]
    return send(
        client, register, "save/", {"since": register.version, "how": "edit", "edits": edits}
    )


def findings_of(told: dict[str, Any], row: int, key: str) -> list[Any]:
    return [one for one in told["findings"] if (one[0], KEYS[one[1]]) == (row, key)]


def test_a1_the_grid_has_the_forms_columns_in_its_order_and_words(
    filing: Filing, log_in: LogIn
) -> None:
    register = filing.upload(filing.lines(2))
    client = log_in("hospital", "clerk")
    page = client.get(f"/registers/{register.pk}/").content.decode()
    titles = re.findall(r'class="g-sort"[^>]*>([^<]+)<', page)
    assert titles == ["序号", *(column.title for column in COLUMNS)]
    told = client.get(path(register)).json()
    assert [title for _key, title in told["columns"]] == titles[1:]
    assert [row[2] for row in told["rows"]] == [1, 2]
    assert (told["version"], told["count"], told["editable"]) == (1, 2, True)
    # In English, too, page and data say the same.
    client.post("/language/", {"language": "en", "next": "/"})
    page = client.get(f"/registers/{register.pk}/").content.decode()
    titles = re.findall(r'class="g-sort"[^>]*>([^<]+)<', page)
    told = client.get(path(register)).json()
    assert [title for _key, title in told["columns"]] == titles[1:]
    assert titles[5:7] == ["Sex", "ID number"]


def test_faulty_cells_say_rule_clause_found_and_expected(filing: Filing, log_in: LogIn) -> None:
    lines = filing.lines(3)
    register = filing.upload([lines[0].but(专业名称="外科"), lines[1].but(姓名=" 甲"), lines[2]])
    told = log_in("hospital", "clerk").get(path(register)).json()
    ((row, _place, code, severity, clause, found, expected, words, _pk, offer),) = findings_of(
        told, told["rows"][0][0], "specialty"
    )
    assert (code, severity, clause) == ("approval.specialty_differs", "error", "N6")
    assert (found, expected, offer) == ("外科", lines[0].listed.specialty, 2)
    assert "不一致" in words and code in told["labels"]
    assert not [one for one in told["findings"] if one[0] == told["rows"][2][0]]
    assert row == told["rows"][0][0]


def test_a_save_answers_with_the_row_and_whatever_else_it_freed(
    filing: Filing, log_in: LogIn
) -> None:
    lines = filing.lines(3)
    number = lines[0].certificate_number
    register = filing.upload([lines[0], lines[1].but(证书编号=number), lines[2]])
    client = log_in("hospital", "clerk")
    one, two, _three = register.rows.order_by("position")
    told = save(client, register, 1, certificate_number={"to": "2026-OWN", "seen": number}).json()
    assert told["saved"] == [one.pk] and told["ids"] == [one.pk, two.pk]
    assert told["findings"] == [] and told["version"] == 2
    parts = client.get(path(register, "parts/"), headers=HTMX).content.decode()
    assert "核对无误后提交" in parts and 'hx-swap-oob="true"' in parts


def test_n18_the_second_of_two_people_sees_whose_change_came_first(
    filing: Filing, log_in: LogIn
) -> None:
    (line,) = filing.lines(1)
    register = filing.upload([line])
    was = line.listed.specialty
    first, second = log_in("hospital", "clerk"), log_in("hospital", "clerk")
    assert save(first, register, 1, specialty={"to": "眼科", "seen": was}).json()["held"] == []
    told = save(second, register, 1, specialty={"to": "骨科", "seen": was}).json()
    (held,) = told["held"]
    assert (held["who"], held["keys"]) == ("hospital.clerk", ["specialty"])
    assert re.fullmatch(r"\d\d:\d\d:\d\d", held["when"])
    # The answer brings the value that stands there now, so that both can be shown.
    assert told["rows"][0][4 + KEYS.index("specialty")] == "眼科"
    assert register.rows.get().specialty == "眼科"


def test_news_are_the_rows_that_changed_since_and_who_did_it(filing: Filing, log_in: LogIn) -> None:
    register = filing.upload(filing.lines(3))
    client = log_in("hospital", "clerk")
    quiet = client.get(path(register, "changes/"), {"since": 1}).json()
    assert "rows" not in quiet and quiet["version"] == 1
    save(client, register, 2, work_unit="另一单位")
    news = client.get(path(register, "changes/"), {"since": 1}).json()
    assert [row[2] for row in news["rows"]] == [2]
    assert news["by"][0]["name"] == "hospital.clerk"
    assert findings_of(news, news["rows"][0][0], "work_unit")
    # What can't be told row by row is loaded anew: rows gone, versions unknown.
    row = register.rows.get(position=3)
    answer = send(client, register, "remove/", {"rows": [{"row": row.pk, "version": 1}]})
    assert answer.json() == {"removed": [row.name]}
    assert client.get(path(register, "changes/"), {"since": 2}).json()["reload"]
    assert client.get(path(register, "changes/"), {"since": 99}).json()["reload"]


def test_others_see_who_is_at_which_cell(filing: Filing, log_in: LogIn) -> None:
    register = filing.upload(filing.lines(1))
    row = register.rows.get()
    at = {"since": 1, "row": row.pk, "column": "name"}
    log_in("hospital", "clerk").get(path(register, "changes/"), at)
    told = log_in("hospital", "officer").get(path(register, "changes/"), at).json()
    assert told["present"] == [{"name": "hospital.clerk", "row": row.pk, "column": "name"}]
    # Whoever may only read leaves no trace.
    assert GridPresence.objects.count() == 1


def test_suggestions_are_taken_by_their_finding(filing: Filing, log_in: LogIn) -> None:
    lines = filing.lines(2)
    register = filing.upload(
        [lines[0].but(身份证号码=lines[0].listed.person.id_number[:17]), lines[1]]
    )
    finding = register.findings.get(severity="error")
    client = log_in("hospital", "clerk")
    # Not by another row's or column's name.
    for wrong in (
        save(client, register, 2, id_number={"accept": finding.pk}),
        save(client, register, 1, name={"accept": finding.pk}),
    ):
        assert wrong.json()["held"][0]["gone"]
    answer = save(client, register, 1, id_number={"accept": finding.pk})
    assert lines[0].listed.person.id_number not in answer.content.decode()
    register.refresh_from_db()
    assert register.error_count == 0
    gone = save(client, register, 1, 2, id_number={"accept": finding.pk}).json()
    assert gone["held"][0]["gone"] == ["id_number"]


def test_id_numbers_are_masked_and_looking_is_on_record(filing: Filing, log_in: LogIn) -> None:
    lines = filing.lines(2)
    register = filing.upload(lines)
    numbers = [line.listed.person.id_number for line in lines]
    row = register.rows.get(position=1)
    client = log_in("hospital", "clerk")
    answers = [
        client.get(f"/registers/{register.pk}/"),
        client.get(path(register)),
        save(client, register, 2, id_number=numbers[1][:17] + "x"),
        save(client, register, 2, 2, id_number=numbers[1]),
        client.get(path(register, "changes/"), {"since": 1}),
        *(
            client.get(f"/registers/{register.pk}/{part}")
            for part in ("findings/", "missing/", "history/")
        ),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert not [number for number in numbers if number in answer.content.decode()]
    reveal = f"/registers/{register.pk}/rows/{row.pk}/id-number/"
    assert client.post(reveal).status_code == 422
    answer = client.post(reveal, {"purpose": "correct"})
    assert answer.json() == {"id_number": numbers[0]}
    assert answer.headers["Cache-Control"].startswith("max-age=0")
    event = AuditEvent.objects.latest("sequence")
    assert (event.tag, event.subject_id, event.row_ids) == (
        "any:person:unmask",
        register.pk,
        [row.pk],
    )
    assert event.data["purpose"] == "correct" and numbers[0] not in str(event.data)
    assert log_in("health", "embosser").post(reveal, {"purpose": "paper"}).status_code == 403


def test_people_are_found_by_number_without_a_trace_in_the_address(
    filing: Filing, log_in: LogIn
) -> None:
    lines = filing.lines(3)
    register = filing.upload(lines)
    client = log_in("hospital", "clerk")
    row = register.rows.get(position=2)
    found = send(client, register, "find/", {"text": lines[1].listed.person.id_number.lower()})
    assert found.json() == {"rows": [row.pk]}
    assert send(client, register, "find/", {"text": "12"}).json() == {"rows": []}
    assert client.get(path(register, "find/")).status_code == 405


def test_a_row_of_another_register_is_not_reached_through_this_one(
    filing: Filing, log_in: LogIn
) -> None:
    lines = filing.lines(2)
    mine, other = filing.upload([lines[0]]), filing.upload([lines[1]])
    row = other.rows.get()
    client = log_in("hospital", "clerk")
    edit = {"row": row.pk, "version": 1, "cells": {"name": {"to": "x"}}}
    told = send(client, mine, "save/", {"since": 1, "edits": [edit]}).json()
    assert told["held"] == [{"row": row.pk, "keys": [], "gone": [], "who": "", "when": ""}]
    gone = send(client, mine, "remove/", {"rows": [{"row": row.pk, "version": 1}]})
    assert gone.json()["refusal"]["rule"] == "register.row_gone"
    number = client.post(f"/registers/{mine.pk}/rows/{row.pk}/id-number/", {"purpose": "correct"})
    assert number.status_code == 422
    assert other.rows.get().version == 1


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        [],
        {"since": -1},
        {"since": 1, "edits": {}},
        {"since": 1, "edits": [{"row": "x", "version": 1, "cells": {"name": {"to": ""}}}]},
        {"since": 1, "edits": [{"row": 1, "version": 1, "cells": {"accepted": {"to": "1"}}}]},
        {"since": 1, "edits": [{"row": 1, "version": True, "cells": {"name": {"to": ""}}}]},
        {"since": 1, "edits": [{"row": 1, "version": 1, "cells": {"name": {"to": 5}}}]},
        {"since": 1, "edits": [{"row": 1, "version": 1, "cells": {}}]},
        {"since": 1, "edits": [{"row": 2**70, "version": 1, "cells": {"name": {"to": ""}}}]},
        {"since": 1, "add": [{"version": "9"}]},
        {"since": 1, "add": "x"},
    ],
)
def test_what_the_grid_never_sends_is_refused(filing: Filing, log_in: LogIn, body: object) -> None:
    register = filing.upload(filing.lines(1))
    client = log_in("hospital", "clerk")
    answer = send(client, register, "save/", body)
    assert answer.status_code == 422
    assert answer.json()["refusal"]["rule"] == "grid.unreadable"
    assert register.rows.get().version == 1


def test_no_text_breaks_a_save(filing: Filing, log_in: LogIn) -> None:
    register = filing.upload(filing.lines(1))
    client = log_in("hospital", "clerk")
    for version, text in enumerate(("a\0b", "\ud800x", "长" * 5000, "<script>", "=1+1", "𠮷䶮"), 1):
        answer = save(client, register, 1, version, specialty=text)
        assert answer.status_code == 200, answer.content
    assert register.rows.get().specialty == "𠮷䶮"
    page = client.get(f"/registers/{register.pk}/").content.decode()
    assert "<script>" not in page.replace('<script id="grid-words"', "").replace("<script src", "")


def test_a_refused_save_says_why_and_keeps_nothing(filing: Filing, log_in: LogIn) -> None:
    register = filing.upload(filing.lines(1))
    client = log_in("hospital", "clerk")
    actions.submit(actor=filing.city.who("hospital", "clerk"), register_id=register.pk)
    answer = save(client, register, 1, specialty="外科")
    assert answer.status_code == 422 and answer.json()["refusal"]["message"]
    assert not client.get(path(register)).json()["editable"]
    for who in (("hospital", "officer"), ("health", "clerk"), ("office", "auditor")):
        assert save(log_in(*who), register, 1, specialty="外科").status_code == 403
        assert send(log_in(*who), register, "remove/", {"rows": []}).status_code in (403, 422)


def test_a_finding_leads_to_its_cell(filing: Filing, log_in: LogIn) -> None:
    lines = filing.lines(3)
    register = filing.upload([lines[0], lines[1].but(专业名称="外科"), lines[2]])
    client = log_in("hospital", "clerk")
    listed = client.get(f"/registers/{register.pk}/findings/").content.decode()
    link = re.search(r'href="(/registers/\d+/\?row=\d+&amp;column=specialty)"', listed)
    assert link is not None
    page = client.get(link[1].replace("&amp;", "&")).content.decode()
    row = register.rows.get(position=2)
    assert f'data-focus-row="{row.pk}" data-focus-column="specialty"' in page


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


def test_the_number_of_queries_does_not_grow_with_the_rows(
    filing: Filing, log_in: LogIn, django_assert_max_num_queries
) -> None:
    lines = filing.lines(120)
    small = filing.upload([line.but(专业名称="外科") for line in lines[:3]])
    large = filing.upload([line.but(专业名称="外科") for line in lines[3:]])
    client = log_in("hospital", "clerk")
    client.get(f"/registers/{small.pk}/")
    for most, part in ((18, ""), (9, "grid/"), (9, "grid/changes/?since=1"), (18, "grid/parts/")):
        with django_assert_max_num_queries(most) as few:
            client.get(f"/registers/{small.pk}/{part}")
        with django_assert_max_num_queries(len(few)):
            client.get(f"/registers/{large.pk}/{part}")
    for part in ("findings/", "missing/", "history/", "paper/"):
        with django_assert_max_num_queries(21):
            client.get(f"/registers/{large.pk}/{part}")
    # Which registers first, what hangs on them, and what the filters offer.
    with django_assert_max_num_queries(15):
        client.get("/registers/")
