"""``zhicheng``, the one command: the parser, and how faults become one line and an exit state.

Exit states: 0 done; 1 done, and something was found (``check``, ``reconcile``, ``audit verify``);
2 it couldn't be done, with one line on stderr. Nothing heavy is imported before a command asks for
it, so ``zhicheng check`` starts without Django and without a database.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from zhicheng.commands import (
    accounts,
    credentials,
    demo,
    electronic,
    files,
    log,
    proofs,
    search,
    serving,
    setting_up,
    statistics,
    working,
)

DONE, FOUND, UNUSABLE, INTERRUPTED = 0, 1, 2, 130


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Help in Chinese; wide enough that no command's line breaks."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28, width=100)

    def add_usage(self, usage, actions, groups, prefix=None):  # type: ignore[no-untyped-def]
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)

    def _format_action(self, action: argparse.Action) -> str:
        if isinstance(action, argparse._SubParsersAction):
            # Only the commands, without a line that repeats their heading.
            return "".join(self._format_action(each) for each in action._get_subactions())
        return super()._format_action(action)


class Parser(argparse.ArgumentParser):
    """argparse, speaking Chinese."""

    def __init__(self, **given: object) -> None:
        super().__init__(
            **{"formatter_class": _Formatter, "add_help": False, "allow_abbrev": False, **given}  # type: ignore[arg-type]
        )
        self._positionals.title = "参数"
        self._optionals.title = "选项"
        self.add_argument("-h", "--help", action="help", help="显示本说明")

    def error(self, message: str) -> NoReturn:
        """One line that says what is wrong with the arguments; exit state 2."""
        for english, chinese in _MESSAGES:
            message = message.replace(english, chinese)
        self.exit(UNUSABLE, f"{self.prog}：{message}（{self.prog} --help 查看用法）\n")


_MESSAGES = (
    ("the following arguments are required: ", "缺少参数 "),
    ("unrecognized arguments: ", "不认识的参数 "),
    ("expected one argument", "需要一个值"),
    ("invalid choice: ", "没有此项 "),
    ("(choose from ", "（可用："),
    ("invalid int value: ", "不是整数 "),
    ("argument ", ""),
)


def parser() -> Parser:
    """The whole command line."""
    top = Parser(
        prog="zhicheng",
        description="职称证书：从单位的登记表到持证人手中的证书，以及公众查询。",
        epilog="数据库：DATABASE_URL 指明的，否则是 ZHICHENG_HOME 或 ./var 中内置的。",
    )
    commands = top.add_subparsers(
        title="命令", metavar="命令", dest="command", required=True, parser_class=Parser
    )
    for module in (
        demo,
        serving,
        setting_up,
        accounts,
        working,
        files,
        credentials,
        electronic,
        proofs,
        search,
        statistics,
        log,
    ):
        module.add(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit state."""
    given = parser().parse_args(arguments)
    try:
        status: int = given.run(given)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read us has seen enough; nothing more may be written, also not at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNUSABLE
    except Exception as error:
        line = explain(error)
        if line is None:
            raise
        print(line, file=sys.stderr)  # noqa: T201
        return UNUSABLE
    return status


def explain(error: Exception) -> str | None:
    """One line for a fault that a person can mend; None for a defect of ours."""
    from zhicheng.values.refusal import Refusal

    if isinstance(error, Refusal):
        parts = [str(error.message)]
        parts += [f"现为：{error.found}"] if error.found else []
        parts += [f"应为：{error.expected}"] if error.expected else []
        parts += [str(error.mend)] if error.mend else []
        return " ".join(parts).replace("\n", " ")
    known = {"EmbeddedError", "ImproperlyConfigured", "CommandFault"}
    if type(error).__name__ in known:
        return str(error).replace("\n", " ")
    if type(error).__name__ == "OperationalError" and type(error).__module__ == "django.db.utils":
        return f"数据库无法连接或出错：{str(error).strip().splitlines()[0]}"
    return None


if __name__ == "__main__":
    sys.exit(main())
