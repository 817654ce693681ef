"""What is printed is scanned back from the paper and verified (N8, N18)."""

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.documents.reading import scanned
from tests.support.credentials import ABSURD, ADDRESS, EXTREMES, KEY, PLAIN, text_of
from zhicheng.cli import main
from zhicheng.credentials import rules
from zhicheng.documents import certificate_sheet, qr
from zhicheng.documents.layout import GRADES, load_layout
from zhicheng.documents.samples import sample_certificates
from zhicheng.values.refusal import Refusal


@pytest.mark.parametrize("grade", GRADES)
def test_extremes_are_read_back_from_every_layout_at_a_phones_resolution(grade: str) -> None:
    every = {**EXTREMES, **ABSURD}
    texts = [text_of(claims) for claims in every.values()]
    pages = [
        replace(page, verification=text)
        for page, text in zip(sample_certificates(len(texts), grade), texts, strict=True)
    ]
    pdf = certificate_sheet.render(pages, load_layout(grade), created=date(2026, 11, 25))
    for page, text in enumerate(texts):
        assert scanned(pdf, page, 150) == [text]
        assert rules.verify(text, [KEY]).claims == list(every.values())[page]


@pytest.mark.parametrize("grade", GRADES)
def test_version_12_prints_with_modules_of_a_third_of_a_millimetre(grade: str) -> None:
    assert load_layout(grade).qr[2] / qr.CERTIFICATE_MODULES >= 0.33


def test_a_code_too_fine_for_its_box_is_refused_by_name() -> None:
    (page,) = sample_certificates(1)
    long = replace(page, verification=ADDRESS + "#" + "7" * 3000)
    with pytest.raises(Refusal) as refused:
        certificate_sheet.render([long], load_layout("senior"), created=date(2026, 11, 25))
    assert "0012001" in refused.value.message
    assert "每格" in refused.value.found


# ---- the command ---------------------------------------------------------------------------------


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    import json

    path = tmp_path / "keys.json"
    path.write_text(json.dumps(rules.publish([KEY], "市职改办")), encoding="utf-8")
    return path


def test_the_command_tells_valid_refused_and_unusable(
    keys_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import json

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(["verify-credential", *arguments])
        told = capsys.readouterr()
        return status, told.out, told.err

    keys = ("--keys", str(keys_file))
    status, out, _ = run(text_of(), *keys)
    assert status == 0
    for shown in (PLAIN.name, PLAIN.number, "2018-10-26", "核验通过", "0a1b2c3d"):
        assert shown in out
    status, out, _ = run(text_of(), *keys, "--json")
    told = json.loads(out)
    assert status == 0
    assert told["valid"] is True
    assert told["claims"]["name"] == PLAIN.name
    assert "issued_on" not in told["claims"]
    status, out, _ = run(text_of()[:-1], *keys, "--json")
    assert (status, json.loads(out)["reason"]) == (1, "truncated")
    status, out, _ = run("https://zs.example.gov.cn/v/2018500000001", *keys)
    assert status == 1
    assert rules.REASONS[rules.Reason.NOT_A_CREDENTIAL] in out
    for content in (None, b"", b"\xff\xfe", b"{}"):
        bad = tmp_path / "bad.json"
        bad.unlink(missing_ok=True)
        if content is not None:
            bad.write_bytes(content)
        status, out, err = run(text_of(), "--keys", str(bad))
        assert (status, out) == (2, "")
        assert err.count("\n") == 1


def test_the_command_needs_neither_django_nor_a_database(keys_file: Path) -> None:
    script = (
        "import sys\n"
        "from zhicheng.cli import main\n"
        "status = main(sys.argv[1:])\n"
        "assert not [name for name in sys.modules if name.split('.')[0] in ('django', 'psycopg')]\n"
        "sys.exit(status)\n"
    )
    command = [sys.executable, "-c", script, "verify-credential", "-", "--keys", str(keys_file)]
    ran = subprocess.run(
        command,
        input=text_of(),
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONIOENCODING": "utf-8"},
    )
    assert ran.returncode == 0, ran.stderr
    assert PLAIN.name in ran.stdout
