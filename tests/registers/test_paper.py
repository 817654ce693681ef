"""N4: the printed form and the data behind it are the same, or the changed rows are named."""

import pytest

from tests.support.filing import Filing
from zhicheng.registers import actions
from zhicheng.registers.digest import page_code, read_code, row_digest
from zhicheng.registers.models import Register, RegisterPrint
from zhicheng.registers.paper import compare_print, page_codes
from zhicheng.values.refusal import NotPermitted, Refusal


def printed(filing: Filing, register: Register) -> RegisterPrint:
    return actions.print_register(
        actor=filing.city.who("hospital", "clerk"), register_id=register.pk
    )


def correct(filing: Filing, register: Register, position: int, **changes: str) -> None:
    row = register.rows.get(position=position)
    actions.correct_row(
        actor=filing.city.who("hospital", "clerk"),
        row_id=row.pk,
        changes=changes,
        version=row.version,
    )


def test_n4_paper_and_data_agree_until_a_row_changes(filing: Filing) -> None:
    made = filing.upload(filing.lines(5))
    print_ = printed(filing, made)
    first, second = page_codes(print_, [range(3), range(3, 5)])
    clerk = filing.city.who("office", "clerk")
    assert actions.check_paper(actor=clerk, text=first).agrees
    correct(filing, made, 5, work_unit="山城第二人民医院")
    assert actions.check_paper(actor=clerk, text=first).agrees
    told = actions.check_paper(actor=clerk, text=second)
    assert not told.agrees
    assert [(row.position, row.kind) for row in told.changed] == [(5, "changed")]
    assert told.register == made


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("certificate_number", "2026Z00001"),
        ("work_unit", "另一单位"),
        ("supervising_department", "另一部门"),
        ("name", "另一人"),
        ("sex", "不详"),
        ("id_number", "11010519491231002X"),
        ("specialty", "另一专业"),
        ("qualification", "医师"),
        ("approval_date", "2026-03-20"),
        ("document_number", "渝卫职改〔2026〕99号"),
    ],
)
def test_n4_every_column_counts(filing: Filing, column: str, value: str) -> None:
    made = filing.upload(filing.lines(2))
    print_ = printed(filing, made)
    correct(filing, made, 2, **{column: value})
    assert [(row.position, row.kind) for row in compare_print(print_)] == [(2, "changed")]


def test_n4_removed_moved_and_added_rows_are_named(filing: Filing) -> None:
    lines = filing.lines(4)
    made = filing.upload(lines[:3])
    print_ = printed(filing, made)
    clerk = filing.city.who("hospital", "clerk")
    first = made.rows.get(position=1)
    actions.remove_row(actor=clerk, row_id=first.pk, version=first.version)
    missing = made.findings.filter(
        code="approval.person_missing", suggested_person__name=lines[3].listed.person.name
    ).get()
    actions.add_people(
        actor=clerk, register_id=made.pk, person_ids=[missing.suggested_person_id or 0]
    )
    told = [(row.position, row.kind) for row in compare_print(print_)]
    assert told == [(1, "removed"), (2, "changed"), (3, "changed"), (3, "added")]


def test_n4_a_forged_code_is_told_from_a_changed_register(filing: Filing) -> None:
    made = filing.upload(filing.lines(2))
    (code,) = page_codes(printed(filing, made), [range(2)])
    clerk = filing.city.who("office", "clerk")
    forged = code[:-1] + ("0" if code[-1] != "0" else "1")
    with pytest.raises(Refusal) as refused:
        actions.check_paper(actor=clerk, text=forged)
    assert (refused.value.rule, refused.value.clause) == ("paper.altered_code", "N4")
    for text in ("https://example.com", code.replace(f".{made.number}.", ".DJ2026-999999."), ""):
        with pytest.raises(Refusal) as refused:
            actions.check_paper(actor=clerk, text=text)
        assert refused.value.rule == "paper.unknown_code"
    with pytest.raises(NotPermitted):
        actions.check_paper(actor=filing.city.who("health", "clerk"), text=code)


def test_the_code_is_short_and_tells_nothing_of_people(filing: Filing) -> None:
    lines = filing.lines(2)
    made = filing.upload(lines)
    (code,) = page_codes(printed(filing, made), [range(2)])
    assert len(code) < 80
    assert code.isascii()
    read = read_code(code.upper() + "\r\n")
    assert read is not None
    assert (read.register, read.page, read.first, read.last) == (made.number, 1, 1, 2)
    assert str(read) == code


def test_digests_of_other_rows_and_orders_differ() -> None:
    one = row_digest(1, ["甲", "乙"], b"\x01")
    assert one != row_digest(2, ["甲", "乙"], b"\x01")
    assert one != row_digest(1, ["甲乙", ""], b"\x01")
    assert one != row_digest(1, ["甲", "乙"], b"\x02")
    two = row_digest(2, ["丙", "丁"], None)
    codes = {
        page_code(register="DJ", print_id=1, page=1, first=1, last=2, rows=rows).digest
        for rows in ([one, two], [two, one], [one])
    }
    assert len(codes) == 3
