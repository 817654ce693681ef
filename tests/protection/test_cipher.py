"""Personal data at rest: encrypted with named keys, found again without being readable."""

import base64
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from zhicheng.protection import blind_index, chain_mac, protect, reveal

NUMBER = "500103198502141234"


def keys(**changes: Any) -> dict[str, Any]:
    """The test keys with changes to the encryption part."""
    from django.conf import settings

    return {**settings.ZHICHENG_KEYS, "encryption": changes}


@given(st.text(max_size=60))
def test_what_is_protected_comes_back_and_is_not_readable(text: str) -> None:
    value = protect(text)
    assert reveal(value) == text
    if len(text.encode()) > 3:
        assert text.encode() not in value


def test_the_same_number_never_looks_the_same_twice_but_has_one_index() -> None:
    assert protect(NUMBER) != protect(NUMBER)
    assert blind_index(NUMBER) == blind_index(NUMBER)
    assert blind_index(NUMBER) != blind_index(NUMBER[:-1] + "5")
    assert len(blind_index(NUMBER)) == 32


@pytest.mark.parametrize("position", [0, 3, 8, -1])
def test_a_changed_byte_is_refused(position: int) -> None:
    value = bytearray(protect(NUMBER))
    value[position] ^= 1
    with pytest.raises((InvalidTag, KeyError, IndexError, ValueError)):
        reveal(bytes(value))


def test_old_values_stay_readable_after_the_key_is_changed(settings: Settings) -> None:
    old = protect(NUMBER)
    first = settings.ZHICHENG_KEYS["encryption"]["keys"]["k1"]
    second = base64.b64encode(bytes(range(100, 132))).decode()
    settings.ZHICHENG_KEYS = keys(current="k2", keys={"k1": first, "k2": second})
    new = protect(NUMBER)
    assert (old[2:4], new[2:4]) == (b"k1", b"k2")
    assert reveal(old) == reveal(new) == NUMBER


def test_sm4_is_a_setting_and_the_value_says_so(settings: Settings) -> None:
    aes = protect(NUMBER)
    settings.ZHICHENG_GM = True
    sm4 = protect(NUMBER)
    assert (aes[0], sm4[0]) == (1, 2)
    settings.ZHICHENG_GM = False
    assert reveal(sm4) == reveal(aes) == NUMBER
    with pytest.raises(InvalidTag):
        reveal(sm4[:-1] + bytes([sm4[-1] ^ 1]))


def test_without_keys_nothing_is_written(settings: Settings) -> None:
    settings.ZHICHENG_KEYS = {}
    with pytest.raises(ImproperlyConfigured):
        protect(NUMBER)


def test_the_chain_is_keyed() -> None:
    name, digest = chain_mac(b"event")
    assert name == "a1"
    assert digest != chain_mac(b"event ")[1]
    assert len(digest) == 32
