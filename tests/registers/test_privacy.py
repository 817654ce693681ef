"""Invariant 10 over the register's part: nothing in the database shows an ID number."""

import pytest

from tests.support.filing import Filing
from tests.support.privacy import assert_no_id_number_in_clear, id_numbers_in
from tests.support.working import work_off
from zhicheng.demo.faults import faulty_sheets
from zhicheng.registers import actions, background, queries
from zhicheng.registers.models import Register

NUMBER = "11010519491231002X"


def test_the_whole_way_leaves_no_id_number_in_the_database(filing: Filing) -> None:
    lines = filing.lines(4)
    numbers = [line.listed.person.id_number for line in lines]
    made = filing.upload(
        [
            lines[0],
            lines[1].but(身份证号码=numbers[1][:17]),
            # ID numbers where they don't belong, valid ones of listed people among them.
            lines[2].but(姓名=numbers[2], 工作单位=f"医院{numbers[2]}", 证书编号=numbers[2]),
            lines[3].but(身份证号码=""),
        ]
    )
    clerk = filing.city.who("hospital", "clerk")
    row = made.rows.get(position=1)
    actions.correct_row(
        actor=clerk, row_id=row.pk, changes={"work_unit": numbers[0]}, version=row.version
    )
    actions.print_register(actor=clerk, register_id=made.pk)
    assert_no_id_number_in_clear(*numbers)


def test_the_file_of_every_fault_leaves_none_either(filing: Filing) -> None:
    papers = filing.papers
    sheets = faulty_sheets(papers)
    filing.self_review(filing.city.enterprise)
    filing.announce()
    actions.upload_register(
        actor=filing.city.who("hospital", "clerk"), content=sheets.register, name=f"{NUMBER}.xlsx"
    )
    assert_no_id_number_in_clear(*(listed.person.id_number for listed in papers.listed))


def test_a_file_called_by_an_id_number_waits_for_the_worker_without_it(filing: Filing) -> None:
    content = filing.file(filing.lines(1))
    clerk = filing.city.who("hospital", "clerk")
    background.ask_upload(clerk, content=content, name=f"张三{NUMBER}.xlsx", year=None)
    assert_no_id_number_in_clear(NUMBER)
    work_off()
    made = Register.objects.get()
    assert made.source_name == "张三110***********002X.xlsx"
    background.ask_replace(clerk, made, content=content, name=f"{NUMBER}.xlsx")
    work_off()
    assert_no_id_number_in_clear(NUMBER)


def test_the_units_file_is_kept_encrypted(filing: Filing) -> None:
    content = filing.file(filing.lines(1))
    made = actions.upload_register(
        actor=filing.city.who("hospital", "clerk"), content=content, name="登记表.xlsx"
    )
    made.refresh_from_db()
    assert queries.source_of(made) == content
    assert content[100:200] not in bytes(made.source or b"")


@pytest.mark.parametrize(
    "text",
    [NUMBER, f"a\t{NUMBER}\tb", f"\\\\x00{NUMBER.encode().hex()}ff", f"张三{NUMBER.lower()}。"],
)
def test_the_search_itself_finds_them(text: str) -> None:
    assert [found.upper() for found in id_numbers_in(text)] == [NUMBER]


def test_the_search_takes_no_chance_digits_for_one() -> None:
    assert id_numbers_in("\\\\xab110105194912310021cd") == []
    assert id_numbers_in("110105194912310021 1101051949123100211") == []
