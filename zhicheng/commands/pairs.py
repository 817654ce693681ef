"""``check`` and ``rebuild`` of what is kept beside the records: one shape for all of it."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from zhicheng.commands import Subparsers
from zhicheng.commands.proofs import tell

if TYPE_CHECKING:
    from zhicheng.proofs.actions import Report
    from zhicheng.proofs.models import Subject

Run = Callable[[argparse.Namespace], int]


def pair(commands: Subparsers, name: str, text: str, **kinds: tuple[Run, str, str]) -> None:
    """Describes a group of commands: what each runs, its short help, its description."""
    group = commands.add_parser(name, help=text)
    added = group.add_subparsers(
        title="命令",
        metavar="命令",
        dest=f"{name}_command",
        required=True,
        parser_class=type(group),
    )
    for kind, (run, short, description) in kinds.items():
        command = added.add_parser(kind, help=short, description=description)
        command.add_argument("--json", action="store_true", help="以 JSON 输出")
        command.set_defaults(run=_within_django(run))


def _within_django(run: Run) -> Run:
    def started(given: argparse.Namespace) -> int:
        from zhicheng.commands.environment import start_django

        start_django()
        return run(given)

    return started


def proved_anew(
    given: argparse.Namespace, subject: "Subject", check: "Callable[[], Report]", *, good: str
) -> int:
    """A proof made at once and kept, so that the system's page doesn't go on complaining."""
    from zhicheng.proofs.actions import prove

    proof = prove(subject, check)
    return tell(proof.report, as_json=given.json, good=good, bad=f"{good}，但仍不一致")
