"""``statistics``: counts everything anew, or proves that the kept figures are the same."""

import argparse
import sys

from zhicheng.commands import Subparsers


def add(commands: Subparsers) -> None:
    """Describe the commands."""
    statistics = commands.add_parser("statistics", help="统计数据的核对和重新统计")
    kinds = statistics.add_subparsers(
        title="命令",
        metavar="命令",
        dest="statistics_command",
        required=True,
        parser_class=type(statistics),
    )
    check = kinds.add_parser(
        "check",
        help="核对统计数据",
        description="把全部数据重新统计一遍，与逐次计入的结果比较；不改变任何数据。",
    )
    check.set_defaults(run=run_check)
    rebuild = kinds.add_parser(
        "rebuild", help="重新统计全部数据", description="重新统计全部数据，替换现有的统计结果。"
    )
    rebuild.set_defaults(run=run_rebuild)


def run_check(_given: argparse.Namespace) -> int:
    """Exit state 1 and the tables that differ."""
    from zhicheng.commands.environment import start_django

    start_django()
    from zhicheng.statistics.refreshing import differences, refresh

    refresh()
    found = differences()
    if not found:
        sys.stdout.write("统计数据与重新统计的结果一致\n")
        return 0
    sys.stdout.write("统计数据与重新统计的结果不一致：\n")
    sys.stdout.write("".join(f"  {line}\n" for line in found))
    return 1


def run_rebuild(_given: argparse.Namespace) -> int:
    """Everything anew."""
    from zhicheng.commands.environment import start_django

    start_django()
    from zhicheng.statistics.refreshing import rebuild

    rebuild()
    sys.stdout.write("已重新统计全部数据\n")
    return 0
