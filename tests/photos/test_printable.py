"""N8: no blank is used up for a name that no font can print."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.city import accepted_register, carry, deliver, found_city
from zhicheng.certificates import actions
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.printable import require_rows_printable
from zhicheng.documents.fonts import default_fonts
from zhicheng.registers.models import Register, RegisterRow
from zhicheng.values import gb18030
from zhicheng.values.refusal import Refusal

pytestmark = pytest.mark.django_db


def renamed(register: Register, name: str) -> RegisterRow:
    """An accepted row never changes: it is accepted with that name."""
    row = RegisterRow.objects.filter(register=register).order_by("position")[1]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE approvals_approvedperson SET name = %s WHERE id = %s",
            [name, row.approved_person_id],
        )
        cursor.execute("UPDATE registers_registerrow SET name = %s WHERE id = %s", [name, row.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
    return row


def test_n8_filling_in_names_the_character_that_no_font_has() -> None:
    city = found_city()
    register = accepted_register(city, 4)
    deliver(city, 20)
    carry(city, register, "received")
    lacking = next(code for code in gb18030.amendment_2025() if not default_fonts().covered[code])
    row = renamed(register, f"葛{chr(lacking)}")
    with pytest.raises(Refusal) as refused:
        actions.fill_in(actor=city.who("health", "clerk"), register_id=register.pk)
    assert refused.value.rule == "documents.missing_character"
    assert "序号 2 的“姓名”" in refused.value.message
    assert f"U+{lacking:04X}" in refused.value.found
    assert not Certificate.objects.exists()
    others = RegisterRow.objects.filter(register=register).exclude(pk=row.pk)
    actions.fill_in(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        row_ids=list(others.values_list("pk", flat=True)),
    )
    assert Certificate.objects.count() == 3


def test_every_row_is_asked_in_one_statement() -> None:
    city = found_city()
    register = accepted_register(city, 30)
    with CaptureQueriesContext(connection) as captured:
        require_rows_printable(register)
    assert len(captured) == 1
