"""``check`` and ``import-approvals``: workbooks given as files."""

import argparse
import sys
from pathlib import Path

from zhicheng.commands import CommandFault, Subparsers


def add(commands: Subparsers) -> None:
    """Describe the commands."""
    check = commands.add_parser(
        "check",
        help="检查登记表文件（不需要数据库）",
        description="按核准人员名单检查登记表文件，不需要数据库，单位可在报送前自查。\n"
        "返回 0：没有错误；1：有错误；2：文件不能使用（标准错误输出一行原因）。",
    )
    check.add_argument(
        "register", metavar="REGISTER", type=Path, help="登记表（.xlsx、.xls、.et、.ods、.csv）"
    )
    check.add_argument(
        "--approvals", metavar="LIST", type=Path, required=True, help="核准人员名单文件"
    )
    check.add_argument(
        "--authority", action="store_true", help="填报单位有自主管理权限，可不填主管部门"
    )
    check.add_argument("--json", action="store_true", help="以 JSON 输出")
    check.set_defaults(run=run_check)

    load = commands.add_parser(
        "import-approvals",
        help="导入核准文件及其人员名单",
        description="导入核准文件及其人员名单；有一行不符合要求就整份不导入，并逐行说明。",
    )
    load.add_argument("list", metavar="LIST", type=Path, help="核准人员名单文件")
    load.set_defaults(run=run_import)


def run_check(given: argparse.Namespace) -> int:
    """Exit state 0, 1 or (by a Refusal) 2."""
    _require_files(given.register, given.approvals)
    from zhicheng.registers.check_file import check_file

    report = check_file(given.register, given.approvals, has_authority=given.authority or None)
    sys.stdout.write((report.as_json() if given.json else report.as_text()) + "\n")
    return report.exit_code


def run_import(given: argparse.Namespace) -> int:
    """Exit state 0 when all of it was taken, 1 when none of it was because of findings."""
    _require_files(given.list)
    from zhicheng.commands.environment import start_django

    start_django()
    from zhicheng.approvals.actions import import_list
    from zhicheng.organizations.guard import CONSOLE

    report = import_list(actor=CONSOLE, content=given.list.read_bytes(), name=given.list.name)
    sys.stdout.write(report.as_text() + "\n")
    return int(not report.taken)


def _require_files(*paths: Path) -> None:
    for path in paths:
        if path.is_dir():
            raise CommandFault(f"{path} 是文件夹，应为文件")
        try:
            path.open("rb").close()
        except OSError as error:
            why = "不存在" if isinstance(error, FileNotFoundError) else error.strerror
            raise CommandFault(f"文件 {path} 不能读取：{why}") from None
