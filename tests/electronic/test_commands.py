"""``zhicheng verify-pdf`` and ``electronic-setup``."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.electronic.sample import PLAIN, signed
from zhicheng.certificates.models import Certificate
from zhicheng.cli import main
from zhicheng.electronic import sealing
from zhicheng.electronic.models import ElectronicFile
from zhicheng.electronic.signing.authority import TestAuthority
from zhicheng.files.store import content_of


@pytest.fixture
def roots(test_ca: TestAuthority, tmp_path: Path) -> str:
    path = tmp_path / "roots.pem"
    root = x509.load_der_x509_certificate(test_ca.root)
    path.write_bytes(root.public_bytes(Encoding.PEM))
    return str(path)


def test_verify_pdf_without_database(
    test_ca: TestAuthority, roots: str, tmp_path: Path, capsys: Any
) -> None:
    path = tmp_path / "c.pdf"
    path.write_bytes(signed(test_ca))
    assert main(["verify-pdf", str(path), "--roots", roots]) == 0
    told = capsys.readouterr().out
    assert told.startswith("通过：") and PLAIN.number in told and PLAIN.id_number not in told
    changed = bytearray(path.read_bytes())
    changed[3000] ^= 4
    path.write_bytes(bytes(changed))
    assert main(["verify-pdf", str(path), "--roots", roots, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert not found["valid"] and not found["intact"] and found["certificate"] == {}
    assert found["reason"] in {"changed", "damaged"}


def test_verify_pdf_says_how_the_certificate_stands_now(
    made: list[Certificate], tmp_path: Path, capsys: Any
) -> None:
    path = tmp_path / "c.pdf"
    path.write_bytes(content_of(ElectronicFile.objects.get(certificate=made[0]).file))
    assert main(["verify-pdf", str(path)]) == 0
    assert "现在有效" in capsys.readouterr().out
    assert main(["verify-pdf", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["standing"] == "valid" and found["level"] == "PAdES-B-LT"


def test_unusable_arguments_are_one_line(roots: str, tmp_path: Path, capsys: Any) -> None:
    assert main(["verify-pdf", str(tmp_path / "none.pdf"), "--roots", roots]) == 2
    (tmp_path / "c.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "bad.pem").write_text("nichts")
    assert main(["verify-pdf", str(tmp_path / "c.pdf"), "--roots", str(tmp_path / "bad.pem")]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 2


@pytest.mark.django_db
def test_electronic_setup(home: Path, capsys: Any, settings: Any) -> None:
    assert main(["electronic-setup", "--test-ca"]) == 0
    told = capsys.readouterr().out
    assert "TEST" in told and "有效期至" in told
    assert (home / "electronic-TEST" / "TEST-signer.key").stat().st_mode & 0o777 == 0o600
    settings.ZHICHENG_SEAL_TEST_CA = ""
    sealing._seal.cache_clear()
    assert main(["electronic-setup"]) == 1
    assert "还没有设置" in capsys.readouterr().out
