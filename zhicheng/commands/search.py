"""``search``: whether everybody on file is found by name, and the keys of that anew."""

import argparse

from zhicheng.commands import Subparsers
from zhicheng.commands.pairs import pair, proved_anew
from zhicheng.commands.proofs import tell


def add(commands: Subparsers) -> None:
    """Describe the commands."""
    pair(
        commands,
        "search",
        "搜索数据的核对和重新生成",
        check=(
            run_check,
            "核对搜索数据",
            "核对全部搜索数据与证书、机构、登记表、核准文件是否一致；不改变任何数据。",
        ),
        rebuild=(
            run_rebuild,
            "重新生成搜索数据",
            "重新生成搜索数据；期间登记表、核准文件和机构的办理会稍等。",
        ),
    )


def run_check(given: argparse.Namespace) -> int:
    """Exit state 1 and how many keys are missing or too many."""
    from zhicheng.search.checking import check

    return tell(
        check().as_dict(),
        as_json=given.json,
        good="搜索数据与证书、机构、登记表、核准文件一致",
        bad="搜索数据不一致，请运行 zhicheng search rebuild 重新生成",
    )


def run_rebuild(given: argparse.Namespace) -> int:
    """All of them anew, then all are compared; exit state 1 if something differs even so."""
    from zhicheng.proofs.models import Subject
    from zhicheng.search.checking import check, rebuild

    rebuild()
    return proved_anew(given, Subject.SEARCH, check, good="已重新生成搜索数据")
