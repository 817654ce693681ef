"""A number is a unified certificate's or a unit's own: whoever comes later gives way (N16)."""

import threading

import pytest
from django.db import IntegrityError, close_old_connections, connection, transaction

from tests.selfissued.test_reports import accept, file, row
from tests.support.city import found_city
from tests.support.filing import Filing
from zhicheng.registers import actions as registers
from zhicheng.registers.models import Register, RegisterRow
from zhicheng.selfissued.models import SelfIssuedCertificate, Standing
from zhicheng.values.refusal import Refusal

PROMISED = "UPDATE registers_registerrow SET accepted = true"


def broken_by(statement: str) -> str:
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        connection.cursor().execute(statement)
    return str(broken.value.__cause__.diag.constraint_name)  # type: ignore[union-attr]


def waiting(filing: Filing) -> tuple[Register, str]:
    """A register that waits for the office, and the number of its one row."""
    register = filing.filed(filing.lines(1))
    return register, RegisterRow.objects.get(register=register).certificate_number


@pytest.mark.django_db
def test_a_register_gives_way_to_the_number_of_a_unit(filing: Filing) -> None:
    register, number = waiting(filing)
    accept(filing, file(filing, row(1, number=number)))
    with pytest.raises(Refusal) as refused:
        registers.accept(actor=filing.city.who("office", "officer"), register_id=register.pk)
    assert "单位自行发放" in str(refused.value) + refused.value.found
    assert broken_by(PROMISED) == "unified_number_is_no_units_own"


@pytest.mark.django_db
def test_a_unit_gives_way_to_the_number_of_a_register(filing: Filing) -> None:
    register, number = waiting(filing)
    report = file(filing, row(1, number=number))
    registers.accept(actor=filing.city.who("office", "officer"), register_id=register.pk)
    with pytest.raises(Refusal) as refused:
        accept(filing, report)
    assert number in refused.value.found
    taken = "UPDATE selfissued_selfissuedcertificate SET state = 'accepted'"
    assert broken_by(taken) == "self_issued_number_is_no_unified_certificates"


@pytest.mark.django_db(transaction=True)
def test_a_register_and_a_unit_at_the_same_moment() -> None:
    filing = Filing(found_city())
    filing.self_review(filing.city.enterprise)
    _register, number = waiting(filing)
    report = file(filing, row(1, number=number))
    outcome: list[str] = []

    def unit() -> None:
        try:
            accept(filing, report)
            outcome.append("accepted")
        except (Refusal, IntegrityError) as error:
            outcome.append(type(error).__name__)
        finally:
            close_old_connections()
            connection.close()

    other = threading.Thread(target=unit)
    with transaction.atomic():
        connection.cursor().execute(PROMISED)
        other.start()
        other.join(2)
        # It waits for this transaction, whose number it can't see yet.
        assert other.is_alive() and not outcome
    other.join(20)
    assert outcome and outcome != ["accepted"]
    assert SelfIssuedCertificate.objects.get().state == Standing.FILED
