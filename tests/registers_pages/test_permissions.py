"""Who sees and does what on the register's pages (invariant 9)."""

import pytest
from django.test import Client

from tests.registers_pages.conftest import LogIn
from tests.support.filing import Filing
from tests.support.pages import text_of
from tests.support.working import work_off

READS = ("", "findings/", "missing/", "paper/", "history/", "source/")
STEPS = ("submit/", "withdraw/", "endorse/", "accept/", "return/", "paper/print/", "export/")
SEE_IT = (
    ("hospital", "clerk"),
    ("hospital", "officer"),
    ("health", "officer"),
    ("office", "clerk"),
    ("office", "auditor"),
)
SEE_NOTHING = (("enterprise", "clerk"), ("district", "officer"), ("office", "administrator"))


@pytest.mark.parametrize("who", SEE_IT)
def test_whoever_has_to_do_with_it_sees_every_part(
    filing: Filing, log_in: LogIn, who: tuple[str, str]
) -> None:
    register = filing.filed(filing.lines(1))
    client = log_in(*who)
    for part in READS:
        assert client.get(f"/registers/{register.pk}/{part}").status_code == 200
    assert register.number in text_of(client.get("/registers/"))


@pytest.mark.parametrize("who", SEE_NOTHING)
def test_to_others_it_does_not_exist(filing: Filing, log_in: LogIn, who: tuple[str, str]) -> None:
    register = filing.filed(filing.lines(1))
    row = register.rows.get()
    client = log_in(*who)
    for part in READS:
        assert client.get(f"/registers/{register.pk}/{part}").status_code == 404
    for part in ("grid/", "grid/changes/", "grid/parts/"):
        assert client.get(f"/registers/{register.pk}/{part}").status_code == 404
    for part in (*STEPS, "grid/save/", "grid/remove/", "grid/find/", f"rows/{row.pk}/id-number/"):
        assert client.post(f"/registers/{register.pk}/{part}").status_code == 404
    assert register.number not in client.get("/registers/").content.decode()


def test_nobody_sees_anything_without_login(filing: Filing) -> None:
    register = filing.upload(filing.lines(1))
    stranger = Client()
    for path in (
        "/registers/",
        "/registers/new/",
        "/registers/template/",
        "/registers/paper/",
        *(
            f"/registers/{register.pk}/{part}"
            for part in (*READS, *STEPS, "grid/", "grid/changes/", "grid/save/")
        ),
    ):
        answer = stranger.get(path)
        assert answer.status_code == 302 and answer.headers["Location"].startswith("/login/"), path


@pytest.mark.parametrize(
    ("step", "state", "who"),
    [
        ("submit/", "draft", ("hospital", "officer")),
        ("submit/", "draft", ("health", "officer")),
        ("endorse/", "endorsing", ("hospital", "clerk")),
        ("endorse/", "endorsing", ("office", "officer")),
        ("accept/", "filed", ("health", "officer")),
        ("accept/", "filed", ("office", "clerk")),
        ("return/", "filed", ("health", "officer")),
        ("withdraw/", "filed", ("office", "officer")),
    ],
)
def test_a_step_is_refused_to_the_wrong_hands(
    filing: Filing, log_in: LogIn, step: str, state: str, who: tuple[str, str]
) -> None:
    lines = filing.lines(1)
    if state == "filed":
        register = filing.filed(lines)
    else:
        register = filing.upload(lines)
        if state == "endorsing":
            log_in("hospital", "clerk").post(f"/registers/{register.pk}/submit/")
            work_off()
    client = log_in(*who)
    answer = client.post(f"/registers/{register.pk}/{step}", {"reason": "x"})
    assert answer.status_code == 403
    # The page doesn't offer what the guard refuses.
    page = client.get(f"/registers/{register.pk}/").content.decode()
    assert f"/registers/{register.pk}/{step}" not in page
    register.refresh_from_db()
    assert register.state == state


@pytest.mark.parametrize(
    "who", [("hospital", "officer"), ("health", "clerk"), ("office", "auditor")]
)
def test_whoever_may_not_edit_reads(filing: Filing, log_in: LogIn, who: tuple[str, str]) -> None:
    (line,) = filing.lines(1)
    register = filing.upload([line.but(姓名="无此人")])
    row = register.rows.get()
    client = log_in(*who)
    page = client.get(f"/registers/{register.pk}/").content.decode()
    assert 'data-editable="false"' in page
    assert "添加行" not in page and "已保存</span>" not in page
    answer = client.post(
        f"/registers/{register.pk}/grid/save/",
        {
            "since": 1,
            "edits": [{"row": row.pk, "version": row.version, "cells": {"name": {"to": "张三"}}}],
        },
        content_type="application/json",
    )
    assert answer.status_code == 403


def test_only_units_upload_and_only_the_office_checks_paper(log_in: LogIn) -> None:
    assert log_in("hospital", "clerk").get("/registers/new/").status_code == 200
    assert log_in("office", "officer").get("/registers/new/").status_code == 403
    assert log_in("hospital", "officer").get("/registers/new/").status_code == 403
    assert log_in("office", "clerk").get("/registers/paper/").status_code == 200
    assert log_in("health", "officer").get("/registers/paper/").status_code == 403


def test_an_accepted_register_offers_nothing_but_reading(filing: Filing, log_in: LogIn) -> None:
    register = filing.accepted(filing.lines(1))
    for who in SEE_IT:
        page = log_in(*who).get(f"/registers/{register.pk}/").content.decode()
        assert "offer-" not in page
        assert 'data-editable="false"' in page
