"""The Python client against a real server; it is what the description makes (N20)."""

import importlib.util
import json
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from zhicheng_client import Client, Problem

from tests.support.city import id_number
from tests.support.served import ROOT, Served

pytestmark = pytest.mark.django_db


def script() -> Any:
    spec = importlib.util.spec_from_file_location("make_client", ROOT / "scripts/make_client.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_committed_client_is_what_the_description_makes() -> None:
    for path, text in script().written().items():
        assert Path(path).read_text(encoding="utf-8") == text, f"run scripts/make_client.py: {path}"


def test_the_client_speaks_with_a_real_server(served: Served) -> None:
    client = Client(served.address, served.key())
    assert client.get_key()["organization"] == "市职改办"
    assert {item["code"] for item in client.list_grades()} == {"senior", "intermediate", "junior"}
    page = client.list_changes(after=0, limit=10)
    assert page["position"] >= 0
    with client.export_certificates(format_="ndjson") as export:
        assert export.position >= 0
        rows = [json.loads(line) for line in export.lines()]
    assert isinstance(rows, list)
    with client.get_cose_revocations() as signed:
        assert signed.read().startswith(b"\xd2\x84")
    with pytest.raises(Problem) as refused:
        client.get_certificate("没有/这个?号")
    assert (refused.value.status, refused.value.rule) == (404, "certificate.unknown")
    with pytest.raises(Problem) as refused:
        Client(served.address, "zck_wrong").get_key()
    assert refused.value.status == 401


def people(number: str, order: int) -> Any:
    text = id_number(order)
    return {
        "documents": [
            {
                "document_number": number,
                "department": "市卫生健康委",
                "people": [
                    {
                        "name": "张医",
                        "sex": "男" if int(text[16]) % 2 else "女",
                        "id_number": text,
                        "work_unit": "山城第一人民医院",
                        "qualification": "主治医师",
                        "specialty": "内科",
                        "approval_date": "2026-03-18",
                        "series": "卫生技术人员",
                        "level": "中级",
                    }
                ],
            }
        ]
    }


def test_a_broken_line_does_nothing_twice(served: Served) -> None:
    client = Client(served.address, served.key())
    first = client.import_approvals(people("渝职改〔2026〕901号", 901_000), idempotency_key="once")
    again = client.import_approvals(people("渝职改〔2026〕901号", 901_000), idempotency_key="once")
    assert first == again
    with served.connect() as database:
        (count,) = database.execute(
            "SELECT count(*) FROM approvals_approvaldocument WHERE number = %s",
            ["渝职改〔2026〕901号"],
        ).fetchone() or (0,)
    assert count == 1


def test_the_same_call_four_times_at_once_is_done_once(served: Served) -> None:
    client = Client(served.address, served.key())
    body = people("渝职改〔2026〕903号", 903_000)
    with ThreadPoolExecutor(4) as pool:
        calls = [
            pool.submit(client.import_approvals, body, idempotency_key="four") for _ in range(4)
        ]
        answers = [call.result() for call in calls]
    assert answers == [answers[0]] * 4
    with served.connect() as database:
        (count,) = database.execute(
            "SELECT count(*) FROM audit_auditevent WHERE tag = 'office:approval:import'"
            " AND data ->> 'number' = '渝职改〔2026〕903号'"
        ).fetchone() or (0,)
    assert count == 1


def test_a_server_killed_in_between_leaves_no_half(served: Served) -> None:
    """``kill -9`` while a call is at work: the repeated call is done once, whole."""
    body = json.dumps(people("渝职改〔2026〕902号", 902_000), ensure_ascii=False).encode()
    head = (
        f"POST /api/v1/approvals HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\n"
        f"Authorization: Bearer {served.key()}\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: killed\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    with (
        served.connect() as database,
        socket.create_connection(("127.0.0.1", served.port), 10) as line,
    ):
        # The import waits for this lock with its claim already written.
        with database.transaction():
            database.execute("LOCK TABLE approvals_approvaldocument IN EXCLUSIVE MODE")
            line.sendall(head + body)
            waiting = (
                "SELECT count(*) FROM pg_locks WHERE NOT granted"
                " AND relation = 'approvals_approvaldocument'::regclass"
            )
            for _ in range(200):
                (count,) = database.execute(waiting).fetchone() or (0,)
                if count:
                    break
                time.sleep(0.1)
            assert count
            for child in served.children():
                os.kill(child, signal.SIGKILL)
        served.wait_until_up()
        left = "SELECT count(*) FROM api_idempotentcall WHERE key = 'killed'"
        for _ in range(100):  # until PostgreSQL has noticed that the other side is gone
            (count,) = database.execute(left).fetchone() or (0,)
            if not count:
                break
            time.sleep(0.1)
        assert count == 0
    client = Client(served.address, served.key(), attempts=10)
    told = client.import_approvals(people("渝职改〔2026〕902号", 902_000), idempotency_key="killed")
    assert told["people"] == 1


def test_a_reader_who_goes_away_is_recorded_and_harms_nobody(served: Served) -> None:
    client = Client(served.address, served.key())
    with served.connect() as database:
        events = "SELECT count(*) FROM audit_auditevent WHERE tag = 'any:list:export'"
        (before,) = database.execute(events).fetchone() or (0,)
        with client.export_certificates(format_="parquet") as export:
            next(export.chunks())
        for _ in range(100):
            (after,) = database.execute(events).fetchone() or (0,)
            if after == before + 2:
                break
            time.sleep(0.1)
        assert after == before + 2
    assert client.get_key()["organization"] == "市职改办"
