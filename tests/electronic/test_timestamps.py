"""A remote clock: what it answers is held against what was asked and who is trusted."""

import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms

from tests.electronic.remote_authority import Authority, production, root_of
from tests.electronic.sample import PLAIN
from zhicheng.documents.electronic_certificate import render, seal_box
from zhicheng.electronic.signing.authority import TestAuthority
from zhicheng.electronic.signing.cms import StampMaker
from zhicheng.electronic.signing.timestamps import LocalClock, RemoteClock
from zhicheng.electronic.signing.verifying import verify
from zhicheng.values.refusal import Refusal


@pytest.mark.parametrize(
    "answers", ["another", "old nonce", "rejection", "an old time", "broken signature"]
)
def test_a_clock_that_answers_another_question_is_refused(by_http: Authority, answers: str) -> None:
    by_http.answers = answers
    with pytest.raises(Refusal) as refused:
        RemoteClock(by_http.address)(b"1" * 32)
    assert refused.value.rule == "seal.timestamp"


def test_an_authority_with_several_clocks_is_proved_with_each(
    by_http: Authority, tmp_path: Path, settings: Any
) -> None:
    """The stamp within a file is by a certificate whose proof is in the file."""
    by_http.others = [by_http.stamping("时间戳二（测试）"), by_http.stamping("时间戳三（测试）")]
    seal = production(by_http, tmp_path, settings)
    by_http.answers = "several"
    for _file in range(4):
        pdf = seal.sign(render(PLAIN), box=seal_box(), issuer="市")
        assert verify(pdf, [root_of(by_http)]).reason == ""
        assert by_http.stamper is not None
        assert by_http.stamper._signatures._identity.certificate in pdf, "in the DSS, not as hex"


def test_a_stamp_that_no_trusted_root_proves_is_not_issued(
    by_http: Authority, test_ca: TestAuthority, tmp_path: Path, settings: Any
) -> None:
    """Somebody between us and the authority, with a clock of his own."""
    seal = production(by_http, tmp_path, settings)
    seal.sign(render(PLAIN), box=seal_box(), issuer="市")
    by_http.others, by_http.answers = [StampMaker(test_ca.clock)], "another's signature"
    with pytest.raises(Refusal) as refused:
        seal.sign(render(PLAIN), box=seal_box(), issuer="市")
    assert refused.value.rule == "seal.not_proved"
    by_http.answers = "good"
    seal.sign(render(PLAIN), box=seal_box(), issuer="市")


def test_a_broken_answer_is_a_refusal_not_a_crash() -> None:
    """Half an HTTP answer, or none: the batch ends with its reason on the page."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"

        def answer(content: bytes) -> None:
            connection, _peer = server.accept()
            with connection:
                connection.recv(4000)
                connection.sendall(content)

        for content in (b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n0"):
            thread = threading.Thread(target=answer, args=[content])
            thread.start()
            with pytest.raises(Refusal) as refused:
                RemoteClock(address)(bytes(32))
            thread.join()
            assert refused.value.rule == "seal.timestamp"


def test_a_clock_that_is_away_is_refused() -> None:
    with pytest.raises(Refusal):
        RemoteClock("http://127.0.0.1:9/")(bytes(32))
    with pytest.raises(Refusal):
        RemoteClock("file:///etc/passwd")


def test_the_local_clock_and_the_remote_one_make_the_same_kind_of_token(
    by_http: Authority, test_ca: TestAuthority
) -> None:
    for clock in (LocalClock(test_ca.clock), RemoteClock(by_http.address)):
        info = cms.ContentInfo.load(clock(b"d" * 32))["content"]["encap_content_info"]
        assert info["content"].parsed["message_imprint"]["hashed_message"].native == b"d" * 32
