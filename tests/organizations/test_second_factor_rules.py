"""Which code fits which moment: RFC 6238 and what is asked of whom (N18)."""

import base64
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhicheng.documents import qr
from zhicheng.organizations import second_factor_rules as rules
from zhicheng.organizations.permissions import Role

RFC = b"12345678901234567890"
secrets = st.binary(min_size=rules.SECRET_BYTES, max_size=rules.SECRET_BYTES)
steps = st.integers(min_value=1, max_value=2**40)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert rules.code_at(RFC, rules.step_at(seconds)) == code


@given(secrets, steps, st.integers(min_value=-4, max_value=4))
def test_a_code_fits_one_step_before_and_after_its_own(secret: bytes, now: int, off: int) -> None:
    around = {rules.code_at(secret, step): step for step in range(max(now - 1, 0), now + 2)}
    typed = rules.code_at(secret, max(now + off, 0))
    fitting = rules.fitting_step(secret, typed, now=now, last=None)
    assert fitting == around.get(typed)
    if abs(off) <= rules.DRIFT_STEPS:
        assert fitting is not None and abs(fitting - now) <= rules.DRIFT_STEPS


@given(secrets, steps, st.lists(st.integers(min_value=-1, max_value=1), max_size=8))
def test_no_step_is_accepted_twice_nor_an_older_one(
    secret: bytes, start: int, offs: list[int]
) -> None:
    last: int | None = None
    for later, off in enumerate(offs):
        now = start + later // 3
        typed = rules.code_at(secret, now + off)
        for _twice in range(2):
            fitting = rules.fitting_step(secret, typed, now=now, last=last)
            if fitting is not None:
                assert last is None or fitting > last
                last = fitting
        assert rules.fitting_step(secret, typed, now=now, last=last) is None


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "12345٣", "一二三四五六", "-12345"]
)
def test_what_is_no_code_fits_nothing(typed: str) -> None:
    assert rules.fitting_step(RFC, typed, now=1, last=None) is None


def test_blanks_and_full_width_digits_are_taken_for_what_they_mean() -> None:
    for typed in ("287 082", "２８７０８２", " 287082\n"):
        assert rules.fitting_step(RFC, typed, now=1, last=None) == 1


def test_the_picture_says_issuer_account_and_secret_to_the_app() -> None:
    address = rules.address_of(RFC, "office.officer 甲")
    said = urlsplit(address)
    asked = {key: value[0] for key, value in parse_qs(said.query).items()}
    assert (said.scheme, said.netloc) == ("otpauth", "totp")
    assert unquote(said.path) == "/职称证书管理系统:office.officer 甲"
    assert asked == {
        "secret": base64.b32encode(RFC).decode(),
        "issuer": "职称证书管理系统",
        "algorithm": "SHA1",
        "digits": "6",
        "period": "30",
    }
    assert base64.b32decode(rules.key_text(RFC).replace(" ", "")) == RFC
    assert {len(group) for group in rules.key_text(RFC).split(" ")} == {4}


def test_the_drawn_picture_is_read_back_by_a_reader() -> None:
    from io import BytesIO

    from PIL import Image, ImageDraw

    address = rules.address_of(RFC, "office.officer")
    code = qr.encode(address)
    image = Image.new("L", ((code.modules + 8) * 4,) * 2, 255)
    draw = ImageDraw.Draw(image)
    for run in code.svg_path().removeprefix("M").removesuffix("z").split("zM"):
        start, row = run.split("h")[0].split(" ")
        width = run.split("h")[1].split("v")[0]
        x, y = (int(start) + 4) * 4, (int(row) + 4) * 4
        draw.rectangle((x, y, x + int(width) * 4 - 1, y + 3), fill=0)
    image.save(BytesIO(), "PNG")
    assert qr.read(image) == [address]


@given(st.binary(min_size=rules.RECOVERY_BYTES, max_size=rules.RECOVERY_BYTES))
def test_a_recovery_code_is_known_however_it_is_written(drawn: bytes) -> None:
    code = rules.recovery_text(drawn)
    assert len(code) == 11
    looked_like = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert rules.tidy_recovery(code) == rules.tidy_recovery(looked_like) == code


@pytest.mark.parametrize(
    "typed", ["", "123456", "ABCDE-FGHJ", "ABCDE-FGHJKM", "UUUUU-UUUUU", "甲" * 10]
)
def test_what_is_no_recovery_code_is_none(typed: str) -> None:
    assert rules.tidy_recovery(typed) == ""


@pytest.mark.parametrize("role", list(Role))
def test_the_office_and_administrators_need_one_where_it_is_required(role: Role) -> None:
    for municipal in (True, False):
        needed = municipal or role is Role.ADMINISTRATOR
        assert rules.is_required("required", role=role, municipal=municipal) is needed
        assert not rules.is_required("offered", role=role, municipal=municipal)
