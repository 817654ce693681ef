"""Which seal an installation has: none, or a service that stands in its place."""

from typing import Any

import pytest

from tests.electronic.sample import PLAIN, seal_of
from zhicheng.documents.electronic_certificate import render, seal_box
from zhicheng.electronic import sealing
from zhicheng.electronic.signing.cms import Identity
from zhicheng.values.refusal import Refusal


def test_nothing_set_up_signs_nothing(settings: Any) -> None:
    settings.ZHICHENG_SEAL_TEST_CA = ""
    with pytest.raises(Refusal) as refused:
        sealing.seal()
    assert refused.value.rule == "seal.none"
    assert sealing.trusted_roots() == []


class Service:
    """Stands for a certified seal service: signs as the demo does, and draws its picture."""

    level = "GB/T 38540"
    asked: list[tuple[Any, str]] = []

    def __init__(self) -> None:
        from zhicheng.electronic.signing import authority

        folder = sealing.test_folder()
        authority.make(folder)
        self._own = seal_of(authority.load(folder))

    @property
    def identity(self) -> Identity:
        return self._own.identity

    def sign(self, pdf: bytes, *, box: Any, issuer: str) -> bytes:
        self.asked.append((box, issuer))
        return self._own.sign(pdf, box=box, issuer=issuer)


def test_a_seal_service_takes_the_place(settings: Any) -> None:
    settings.ZHICHENG_SEAL_SERVICE = f"{__name__}.Service"
    seal = sealing.seal()
    seal.sign(render(PLAIN), box=seal_box(), issuer="重庆市")
    assert Service.asked[-1] == (seal_box(), "重庆市")
    assert seal.level == "GB/T 38540"
