"""The credential's bytes: small, the same everywhere, readable by other people's libraries."""

import hashlib
import re
from dataclasses import replace
from datetime import date

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.credentials import (
    ABSURD,
    ADDRESS,
    EXTREMES,
    KEY,
    KEY_ID,
    PLAIN,
    SECRET,
    message_of,
    text_of,
)
from zhicheng.credentials import cbor, cose, rules
from zhicheng.credentials.claims import Claims, read, write
from zhicheng.credentials.short_text import ShortTextError, restore, shorten, words
from zhicheng.documents import qr

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
DAYS = st.dates(date(1949, 10, 1), date(2100, 1, 1))


@given(TEXTS)
def test_any_text_comes_back_to_the_character(text: str) -> None:
    assert restore(shorten(text)) == text


@given(st.binary(max_size=40))
def test_any_bytes_are_a_text_or_refused(data: bytes) -> None:
    try:
        text = restore(data)
    except ShortTextError:
        return
    assert restore(shorten(text)) == text


def test_the_list_of_words_is_part_of_the_format_and_never_changes() -> None:
    digest = hashlib.sha256("\n".join(words()).encode()).hexdigest()
    assert digest == "2aa07c996844ae8e6d76ba2201a4852605539d03483c51608cf202e799aa7c03"
    assert len(words()) == len(set(words()))
    assert max(len(shorten(word)) for word in words()) == 2


@given(
    st.lists(TEXTS, min_size=7, max_size=7),
    DAYS,
    DAYS,
    st.integers(0, 2**40),
    st.booleans(),
)
def test_claims_come_back_whole(
    texts: list[str], approved: date, day: date, serial: int, paper: bool
) -> None:
    names = ("number", "name", "id_number_masked", "qualification", "specialty")
    more = ("document_number", "issuer")
    claims = Claims(
        **dict(zip((*names, *more), texts, strict=True)),
        approval_date=approved,
        made_on=day if paper else None,
        issued_on=None if paper else day,
        blank_serial=serial if paper else None,
    )
    assert read(write(claims)) == claims


def test_a_credential_states_one_day_of_signing() -> None:
    with pytest.raises(ValueError, match="one day"):
        replace(PLAIN, issued_on=date(2026, 11, 25))
    with pytest.raises(ValueError, match="one day"):
        replace(PLAIN, made_on=None)
    with pytest.raises(ValueError, match="blank"):
        replace(PLAIN, blank_serial=None)
    with pytest.raises(ValueError, match="blank"):
        replace(PLAIN, made_on=None, issued_on=date(2026, 11, 25))


@given(st.binary(max_size=400))
def test_digits_come_back_as_the_bytes_and_are_the_only_ones(data: bytes) -> None:
    digits = cose.to_digits(data)
    assert digits.isdigit() or not data
    if data:
        assert cose.from_digits(digits) == data


SCALARS = st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=30) | TEXTS | st.booleans()
VALUES = st.recursive(
    SCALARS | st.none(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.integers(-99, 99) | st.text("abc", max_size=3), inner, max_size=4)
    ),
    max_leaves=4,
)


@given(VALUES)
@settings(max_examples=300)
def test_another_library_writes_and_reads_the_same_cbor(value: object) -> None:
    ours = cbor.encode(value)
    assert ours == cbor2.dumps(value, canonical=True) or isinstance(value, dict | list)
    assert cbor2.loads(ours) == value
    assert cbor.decode(ours) == value


@given(st.binary(max_size=60))
@settings(max_examples=1000)
def test_what_the_strict_reader_takes_is_written_back_to_the_byte(data: bytes) -> None:
    try:
        value = cbor.decode(data)
    except cbor.CborError:
        return
    assert cbor.encode(value) == data


@pytest.mark.parametrize(
    "data",
    [
        "1800",  # 0 in two bytes
        "190018",
        "9fff",  # a length that isn't stated
        "5f4101ff",
        "a201000100",  # the same key twice
        "a202000100",  # keys out of order
        "c11a514b67b0",  # a date's tag
        "d8236161",  # a regular expression's tag
        "f97e00",  # a floating number
        "6180",  # no UTF-8
        "8181818181818101",  # deep
        "9821" + "00" * 33,  # many
        "0000",  # something behind
        "",
    ],
)
def test_other_forms_of_cbor_are_refused(data: str) -> None:
    with pytest.raises(cbor.CborError):
        cbor.decode(bytes.fromhex(data))


def test_the_documented_example_is_what_the_program_writes() -> None:
    """Ed25519 signs the same way every time, so a whole credential can be held to the byte."""
    message = message_of()
    assert message.hex() == (
        "d28449a2012704440a1b2c3da05848ab0001016d3230313835303030303030303102449120811f03"
        "49353030d21a313233340442d3a90542d594061945a60749d269d22631353085f70844d29bd2b209"
        "19512e0b192ee1584020660921a28dfbbe52819c845033c9684a68773ddb05824295a8a0485bad54"
        "61c4610b343945ec118faf65916091883327efef563b4cc7caa74d5aaa06de0402"
    )
    assert rules.text_of(message, "") == cose.to_digits(message)
    from pathlib import Path

    told = (Path(__file__).parents[2] / "docs" / "credential.md").read_text("utf-8")
    assert cose.to_digits(message) in told
    example = re.sub(";.*", "", told.partition("## Example")[2])
    assert message.hex() in re.sub(r"\s", "", example)


def test_others_verify_it_with_their_own_libraries() -> None:
    """As docs/credential.md tells: cbor2 for the structure, any Ed25519 for the signature."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    tagged = cbor2.loads(message_of())
    protected, unprotected, payload, signature = tagged.value
    assert tagged.tag == 18
    assert cbor2.loads(protected) == {1: -8, 4: KEY_ID}
    assert unprotected == {}
    signed = cbor2.dumps(["Signature1", protected, b"", payload], canonical=True)
    Ed25519PublicKey.from_public_bytes(KEY.public).verify(signature, signed)
    claims = cbor2.loads(payload)
    assert claims[0] == 1
    assert claims[1] == PLAIN.number
    assert restore(claims[2]) == PLAIN.name
    assert claims[6] == (PLAIN.approval_date - date(1970, 1, 1)).days


@pytest.mark.parametrize("name", sorted(EXTREMES))
def test_realistic_extremes_fit_version_12_at_level_m(name: str) -> None:
    code = qr.encode(text_of(EXTREMES[name]), level="M")
    assert (code.modules - 17) // 4 <= 12, name
    # A batch may choose another mask than the library: the size is the same.
    assert qr.encode_for_certificate(text_of(EXTREMES[name])).modules == code.modules


@pytest.mark.parametrize("name", sorted(ABSURD))
def test_even_absurd_texts_stay_within_version_12_at_a_lower_level(name: str) -> None:
    code = qr.encode_for_certificate(text_of(ABSURD[name]))
    assert (code.modules - 17) // 4 <= 12, name


def test_the_id_number_is_only_there_masked() -> None:
    whole = "500103198502141234"
    assert whole not in text_of()
    assert whole.encode() not in message_of()
    assert SECRET.private_bytes_raw() not in message_of()


def test_what_the_server_learns_from_a_scan_is_the_page_alone() -> None:
    """Everything personal stands behind ``#``, which browsers never send (invariant 10)."""
    address, _, rest = text_of().partition("#")
    assert address == ADDRESS
    assert rest.isdigit()
