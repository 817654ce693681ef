"""``search``: whether people who wait for their certificate are found, and their keys anew."""

import argparse
import sys

from zhicheng.commands import Subparsers


def add(commands: Subparsers) -> None:
    """Describe the commands."""
    search = commands.add_parser("search", help="搜索数据的核对和重新生成")
    kinds = search.add_subparsers(
        title="命令",
        metavar="命令",
        dest="search_command",
        required=True,
        parser_class=type(search),
    )
    check = kinds.add_parser(
        "check",
        help="核对搜索数据",
        description="核对还没有证书的人员的搜索数据与登记表、核准文件是否一致；不改变任何数据。",
    )
    check.set_defaults(run=run_check)
    rebuild = kinds.add_parser(
        "rebuild",
        help="重新生成搜索数据",
        description="重新生成还没有证书的人员的搜索数据；期间登记表和核准文件的办理会稍等。",
    )
    rebuild.set_defaults(run=run_rebuild)


def run_check(_given: argparse.Namespace) -> int:
    """Exit state 1 and how many keys are missing or too many."""
    from zhicheng.commands.environment import start_django

    start_django()
    from zhicheng.search.expected import differences

    found = differences()
    if not found:
        sys.stdout.write("搜索数据与登记表、核准文件一致\n")
        return 0
    sys.stdout.write("搜索数据与登记表、核准文件不一致（zhicheng search rebuild 重新生成）：\n")
    sys.stdout.write("".join(f"  {line}\n" for line in found))
    return 1


def run_rebuild(_given: argparse.Namespace) -> int:
    """All of them anew."""
    from zhicheng.commands.environment import start_django

    start_django()
    from zhicheng.search.expected import rebuild

    rebuild()
    sys.stdout.write("已重新生成搜索数据\n")
    return 0
