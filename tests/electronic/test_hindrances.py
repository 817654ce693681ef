"""What hinders a batch: told on the page, nothing half made, no number spent (N17, N18)."""

from typing import Any

import pytest

from tests.electronic.batches import make
from tests.electronic.conftest import Online
from tests.support.city import City
from zhicheng.approvals.models import ApprovedPerson
from zhicheng.audit.models import AuditEvent
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.reconcile import reconcile
from zhicheng.electronic import making
from zhicheng.electronic.making import make_electronic
from zhicheng.electronic.models import ElectronicFile, Hindrance
from zhicheng.electronic.sealing import seal
from zhicheng.organizations.permissions import Action
from zhicheng.registers.models import GivenNumber
from zhicheng.registers.numbering.taking import gaps
from zhicheng.values.refusal import Refusal


def test_one_bad_name_stops_nobody_else(city: City, online: Online) -> None:
    document = online(4)
    bad = document.people.order_by("pk")[1]
    ApprovedPerson.objects.filter(pk=bad.pk).update(name="张\ue123")
    made = make(city, document)
    assert (made.issued, made.hindered) == (3, 1)
    note = Hindrance.objects.get(document=document)
    assert note.person_id == bad.pk and note.rule == "documents.missing_character"
    assert "U+E123" in note.found and "张" in note.message and note.mend
    assert gaps() == [] and GivenNumber.objects.count() == 3, "no number was spent on it"
    ApprovedPerson.objects.filter(pk=bad.pk).update(name="张三")
    assert make(city, document).issued == 1
    assert not Hindrance.objects.exists()
    assert reconcile().passed


def test_without_a_numbering_rule_the_reason_stays_on_the_page(city: City, online: Online) -> None:
    document = online(2, department=city.industry)
    with pytest.raises(Refusal) as refused:
        make_electronic(actor=city.who("industry", "clerk"), document_id=document.pk)
    assert refused.value.rule == "numbering.no_rule"
    note = Hindrance.objects.get()
    assert note.person is None and note.rule == "numbering.no_rule" and note.mend
    assert not Certificate.objects.exists()
    assert AuditEvent.objects.latest("sequence").data["refused"] == "numbering.no_rule"


def test_without_a_seal_nothing_is_made(city: City, online: Online, settings: Any) -> None:
    document = online(1)
    settings.ZHICHENG_SEAL_TEST_CA = ""
    with pytest.raises(Refusal) as refused:
        make(city, document)
    assert refused.value.rule == "seal.none"
    assert not Certificate.objects.exists() and not GivenNumber.objects.exists()


def test_a_slow_authority_makes_smaller_transactions(
    city: City, online: Online, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number's counter is held for seconds, not for minutes."""
    assert making._next_size(50, 0.9) == 50
    assert making._next_size(50, 25.0) == 10
    monkeypatch.setattr(making, "SECONDS", 0.0)
    assert make(city, online(4), chunk=2).issued == 4
    events = AuditEvent.objects.filter(tag=Action.ELECTRONIC_MAKE).order_by("sequence")
    assert [len(event.row_ids) for event in events if event.row_ids] == [2, 1, 1]


class _Broken:
    """A seal that fails in the middle of a batch, or changes what it should sign."""

    def __init__(self, after: int, with_what: Exception | None) -> None:
        self._own, self._left, self._error = seal(), after, with_what
        self.level, self.identity = self._own.level, self._own.identity

    def sign(self, pdf: bytes, *, box: Any, issuer: str) -> bytes:
        self._left -= 1
        signed = self._own.sign(pdf, box=box, issuer=issuer)
        if self._left >= 0:
            return signed
        if self._error is None:
            return signed.replace(b"%PDF-1.7", b"%PDF-1.6")
        raise self._error


@pytest.mark.parametrize(
    ("error", "rule"),
    [
        (RuntimeError("the device is gone"), "seal.failed"),
        (Refusal("seal.timestamp", "时间戳服务没有应答。"), "seal.timestamp"),
        (None, "seal.not_added"),
    ],
)
def test_a_seal_that_is_gone_within_a_batch_leaves_whole_chunks(
    city: City,
    online: Online,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception | None,
    rule: str,
) -> None:
    """What was made stays, the reason stands on the page, nothing is lost, and it goes on."""
    document = online(5)
    with monkeypatch.context() as patched:
        broken = _Broken(3, error)
        patched.setattr(making, "seal", lambda: broken)
        with pytest.raises(Refusal) as refused:
            make(city, document, chunk=2)
    assert refused.value.rule == rule
    assert Certificate.objects.count() == ElectronicFile.objects.count() == 2
    assert Hindrance.objects.get(document=document).rule == rule
    assert gaps() == [] and reconcile().passed
    assert make(city, document).issued == 3
    assert not Hindrance.objects.exists()
    assert GivenNumber.objects.count() == 5 and gaps() == [] and reconcile().passed
