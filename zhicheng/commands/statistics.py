"""``statistics``: counts everything anew, or proves that the kept figures are the same."""

import argparse

from zhicheng.commands import Subparsers
from zhicheng.commands.pairs import pair, proved_anew
from zhicheng.commands.proofs import tell


def add(commands: Subparsers) -> None:
    """Describe the commands."""
    pair(
        commands,
        "statistics",
        "统计数据的核对和重新统计",
        check=(
            run_check,
            "核对统计数据",
            "把全部数据重新统计一遍，与逐次计入的结果比较；不改变任何数据。",
        ),
        rebuild=(
            run_rebuild,
            "重新统计全部数据",
            "重新统计全部数据，替换现有的统计结果。",
        ),
    )


def run_check(given: argparse.Namespace) -> int:
    """Exit state 1 and the tables that differ."""
    from zhicheng.statistics.refreshing import differences

    found = [{"kind": "statistics", "message": line} for line in differences()]
    return tell(
        {"passed": not found, "faults": found},
        as_json=given.json,
        good="统计数据与重新统计的结果一致",
        bad="统计数据与重新统计的结果不一致，请运行 zhicheng statistics rebuild 重新统计",
    )


def run_rebuild(given: argparse.Namespace) -> int:
    """Everything anew, then the night's proof of it; exit state 1 if something differs even so.

    In a city of more than a million cases that proof is of a part: ``check`` compares the rest.
    """
    from zhicheng.proofs.models import Subject
    from zhicheng.statistics.checking import check_next
    from zhicheng.statistics.refreshing import rebuild

    rebuild()
    return proved_anew(given, Subject.STATISTICS, check_next, good="已重新统计全部数据")
