"""Every credential that doesn't hold is refused with its reason, and no text does harm."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from tests.support.credentials import (
    ADDRESS,
    EXTREMES,
    KEY,
    KEY_ID,
    OTHER,
    PLAIN,
    SECRET,
    message_of,
    text_of,
)
from zhicheng.credentials import cbor, cose, rules
from zhicheng.credentials.claims import write
from zhicheng.credentials.rules import PublicKey, Reason, verify

BAD = {Reason.NOT_A_CREDENTIAL, Reason.TRUNCATED, Reason.DAMAGED, Reason.BAD_SIGNATURE}


def test_a_good_one_holds_as_address_as_digits_and_as_typed() -> None:
    text = text_of()
    digits = text.partition("#")[2]
    wide = digits.translate({0x30 + digit: 0xFF10 + digit for digit in range(10)})
    spaced = " ".join(digits[at : at + 17] for at in range(0, len(digits), 17))
    for written in (text, digits, wide, f"\n{spaced}\n", text.replace("https", "HTTPS")):
        verdict = verify(written, [KEY])
        assert verdict.valid, written
        assert verdict.claims == PLAIN
        assert verdict.key_id == KEY_ID
        assert not verdict.caution


def test_one_changed_digit_anywhere_is_found() -> None:
    text = text_of()
    start = text.index("#") + 1
    for place in range(start, len(text)):
        other = str((int(text[place]) + 1) % 10)
        verdict = verify(text[:place] + other + text[place + 1 :], [KEY])
        assert verdict.reason in BAD | {Reason.UNKNOWN_KEY, Reason.NEWER_VERSION}, place


def test_one_changed_bit_of_the_contents_breaks_the_signature() -> None:
    message = message_of()
    payload = cose.take_apart(message).payload
    start = message.index(payload)
    for place in range(start, start + len(payload)):
        changed = bytearray(message)
        changed[place] ^= 1
        verdict = verify(rules.text_of(bytes(changed), ADDRESS), [KEY])
        assert verdict.reason is Reason.BAD_SIGNATURE, place
        assert verdict.claims is None


def test_a_text_cut_anywhere_is_told_as_cut() -> None:
    text = text_of()
    start = text.index("#") + 1
    told = Counter(verify(text[:end], [KEY]).reason for end in range(start, len(text)))
    # Digits cut within a group are other bytes: here and there these look damaged, never valid.
    assert set(told) <= {Reason.TRUNCATED, Reason.NOT_A_CREDENTIAL, Reason.DAMAGED}
    assert told[Reason.DAMAGED] <= 4
    assert told[Reason.NOT_A_CREDENTIAL] <= 17  # less than the first group of digits


def test_signed_by_another_key() -> None:
    assert verify(text_of(key=OTHER), [KEY]).reason is Reason.BAD_SIGNATURE
    strange = text_of(key=OTHER, key_id=b"\x01\x02\x03\x04")
    assert verify(strange, [KEY]).reason is Reason.UNKNOWN_KEY
    assert verify(text_of(), []).reason is Reason.UNKNOWN_KEY


@pytest.mark.parametrize(
    ("key", "reason", "caution"),
    [
        (replace(KEY, valid_to=date(2026, 11, 25)), None, False),
        (replace(KEY, valid_to=date(2026, 11, 24)), Reason.KEY_NOT_IN_USE, False),
        (replace(KEY, valid_from=date(2026, 11, 26)), Reason.KEY_NOT_IN_USE, False),
        (replace(KEY, valid_to=date(2027, 1, 1), revoked_from=date(2026, 11, 26)), None, True),
        (
            replace(KEY, valid_to=date(2027, 1, 1), revoked_from=date(2026, 11, 25)),
            Reason.KEY_REVOKED,
            False,
        ),
        (
            replace(KEY, valid_to=date(2026, 1, 2), revoked_from=date(2026, 1, 1)),
            Reason.KEY_REVOKED,
            False,
        ),
    ],
)
def test_the_key_must_have_been_in_use_on_the_day(
    key: PublicKey, reason: Reason | None, caution: bool
) -> None:
    verdict = verify(text_of(), [key])
    assert verdict.reason == reason
    assert verdict.caution == caution
    assert verdict.claims == PLAIN


def _signed(payload: bytes) -> str:
    return rules.text_of(cose.sign(payload, KEY_ID, SECRET), ADDRESS)


def test_a_newer_version_asks_for_a_newer_program() -> None:
    fields = cbor.decode(write(PLAIN))
    newer = _signed(cbor.encode(fields | {0: 2, 99: ["more", {"a": None}]}))
    assert verify(newer, [KEY]).reason is Reason.NEWER_VERSION
    other = cbor.encode({1: -50, 4: KEY_ID})
    message = b"\xd2" + cbor.encode([other, {}, b"", bytes(2420)[:64]])
    assert verify(cose.to_digits(message), [KEY]).reason is Reason.NEWER_VERSION
    # Nothing of it is believed before its signature holds.
    forged = cose.sign(cbor.encode(fields | {0: 2}), KEY_ID, OTHER)
    assert verify(cose.to_digits(forged), [KEY]).reason is Reason.BAD_SIGNATURE


def test_a_payload_of_ours_that_is_no_claims_is_refused() -> None:
    fields = cbor.decode(write(PLAIN))
    for changed in (
        {key: value for key, value in fields.items() if key != 5},
        fields | {12: 1},
        fields | {11: "12001"},
        fields | {11: -1},
        fields | {10: 1},
        fields | {6: "2018-10-26"},
        fields | {6: 2**40},
        fields | {2: 7},
        fields | {2: b"\xff\xff\xff\xff"},
        fields | {0: True},
        fields | {0: 0},
        [1, 2],
    ):
        assert verify(_signed(cbor.encode(changed)), [KEY]).reason is Reason.DAMAGED, changed


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "#",
        "你好",
        "2018500000001",
        "https://zhicheng.example.gov.cn/v/2018500000001",
        "ZC1.DJ2018-00042.1.1.1-20.c0ffee00d15ea5edc0ff",
        "9" * 400,
        "1" * 5000,
        "٣" * 34,
        "\ud800",
        "²" * 17,
    ],
)
def test_other_texts_are_no_credentials(text: str) -> None:
    assert verify(text, [KEY]).reason is Reason.NOT_A_CREDENTIAL


def test_every_reason_has_its_words() -> None:
    assert set(rules.REASONS) == set(Reason)


def fuzz(rounds: int, seed: int) -> Counter[str]:
    """Changes good credentials in every way that comes to mind; gives how often what was said."""
    source = random.Random(seed)  # noqa: S311
    good = [message_of(claims) for claims in EXTREMES.values()]
    signed = {cose.to_digits(message) for message in good}
    said: Counter[str] = Counter()
    for _ in range(rounds):
        message, by_us = _changed(source, good)
        if by_us:
            signed.add(cose.to_digits(message))
        text = _written(source, message)
        verdict = verify(text, [KEY])
        said[verdict.reason.value if verdict.reason else "valid"] += 1
        if verdict.valid:
            assert "".join(text.rpartition("#")[2].split()) in signed, text
    return said


def _changed(source: random.Random, good: list[bytes]) -> tuple[bytes, bool]:
    """A message, and whether our key signed it."""
    message = bytearray(source.choice(good))
    place = source.randrange(len(message))
    match source.randrange(8):
        case 0:
            message[place] ^= 1 << source.randrange(8)
        case 1:
            message[place] = source.randrange(256)
        case 2:
            del message[place : place + source.randrange(1, 20)]
        case 3:
            message[place:place] = source.randbytes(source.randrange(1, 20))
        case 4:
            message = bytearray(source.randbytes(source.randrange(1, 300)))
        case 5:
            message = bytearray(b"\xd2\x84" + source.randbytes(source.randrange(300)))
        case 6:
            payload = source.randbytes(source.randrange(80))
            return cose.sign(payload, KEY_ID, SECRET), True
        case 7:
            changed = bytearray(cose.take_apart(bytes(message)).payload)
            changed[source.randrange(len(changed))] = source.randrange(256)
            return cose.sign(bytes(changed), KEY_ID, SECRET), True
    return bytes(message), False


def _written(source: random.Random, message: bytes) -> str:
    text = rules.text_of(message, ADDRESS)
    match source.randrange(6):
        case 0:
            return text[: source.randrange(len(text))]
        case 1:
            at = source.randrange(len(text))
            return text[:at] + chr(source.randrange(0x3000)) + text[at + 1 :]
        case 2:
            at = source.randrange(len(text))
            return text[:at] + source.choice("0123456789") + text[at + 1 :]
    return text


def _expect(said: Counter[str], rounds: int) -> None:
    assert sum(said.values()) == rounds
    # A random day out of the key's use is rare, and this key isn't revoked.
    rare = {"key_not_in_use", "key_revoked"}
    assert {reason.value for reason in Reason} - set(said) <= rare
    assert said["valid"]


def test_fuzzed_credentials_are_refused_and_crash_nothing() -> None:
    _expect(fuzz(4_000, 20261125), 4_000)


@pytest.mark.long
def test_fuzzed_a_hundred_thousand_times() -> None:
    said = fuzz(100_000, 5)
    print(dict(said))  # noqa: T201
    _expect(said, 100_000)
