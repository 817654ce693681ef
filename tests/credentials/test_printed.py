"""What is printed is scanned back from the paper and verified (N8, N18)."""

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone

from tests.documents.reading import scanned
from tests.support.city import City, accepted_register, carry, deliver, found_city
from tests.support.credentials import ABSURD, ADDRESS, EXTREMES, KEY, PLAIN, text_of
from zhicheng.audit.models import AuditEvent
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.printing import print_sheets
from zhicheng.cli import main
from zhicheng.credentials import actions, rules
from zhicheng.credentials.claims import Claims
from zhicheng.credentials.queries import active_key, published_keys
from zhicheng.documents import certificate_sheet, qr
from zhicheng.documents.layout import GRADES, load_layout
from zhicheng.documents.samples import sample_certificates
from zhicheng.organizations.guard import CONSOLE
from zhicheng.values.refusal import Refusal


@pytest.fixture
def city(db: None) -> City:
    return found_city()


def test_every_page_of_a_batch_proves_its_own_certificate(city: City) -> None:
    register = accepted_register(city, 4)
    deliver(city, 10)
    carry(city, register, "filled")
    printed = print_sheets(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        grade="intermediate",
        address="https://zs.example.gov.cn/",
    )
    keys = published_keys()
    for page, certificate in enumerate(Certificate.objects.order_by("blank_serial")):
        (text,) = scanned(printed.pdf, page, 300)
        verdict = rules.verify(text, keys)
        assert verdict.valid
        assert verdict.claims == Claims(
            number=certificate.number,
            name=certificate.name,
            id_number_masked=certificate.id_number_masked,
            qualification=certificate.qualification,
            specialty=certificate.specialty,
            approval_date=certificate.approval_date,
            document_number=certificate.document_number,
            issuer=register.issuing_unit.name,
            made_on=timezone.localdate(),
            blank_serial=certificate.blank_serial,
        )
        assert text.startswith("https://zs.example.gov.cn/v/#")
    event = AuditEvent.objects.filter(tag="unit:certificate:print").get()
    key = active_key()
    assert key is not None
    assert event.data["signing_key"] == key.key_id


def test_nothing_is_printed_unsigned(city: City) -> None:
    register = accepted_register(city, 1)
    deliver(city, 5)
    carry(city, register, "filled")
    key = active_key()
    assert key is not None
    actions.retire(actor=CONSOLE, key_id=key.key_id)
    with pytest.raises(Refusal) as refused:
        print_sheets(
            actor=city.who("health", "clerk"),
            register_id=register.pk,
            grade="intermediate",
            address="https://zs.example.gov.cn/",
        )
    assert refused.value.rule == "credential.no_key"
    assert not AuditEvent.objects.filter(tag="unit:certificate:print").exists()


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
