"""Employers and their lists, for the tests of batch verification."""

import io
from collections.abc import Sequence

import xlsxwriter

from tests.support.city import PASSWORD
from zhicheng.organizations.models import Account, Kind, Organization
from zhicheng.organizations.permissions import Role


def employer(name: str = "缙云智能装备有限公司", role: Role = Role.CLERK) -> Account:
    """An account of an organisation that may verify and nothing else."""
    unit, _made = Organization.objects.get_or_create(
        name=name, defaults={"short_name": name, "kind": Kind.EMPLOYER}
    )
    return Account.objects.create_account(
        f"{name}.{role}", PASSWORD, display_name=f"{name}经办", organization=unit, role=role
    )


def names_file(rows: Sequence[Sequence[object]], titles: Sequence[str] = ()) -> bytes:
    """A list as employers keep it: texts as text, numbers as Excel numbers."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("名单")
        for column, title in enumerate(titles or ("姓名", "身份证号码", "证书编号")):
            sheet.write_string(0, column, title)
        for line, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, int | float):
                    sheet.write_number(line, column, value)
                else:
                    sheet.write_string(line, column, str(value))
    return target.getvalue()
