"""``zhicheng account``: what no page can do, because nobody gets in who could do it there."""

import argparse
import sys

from zhicheng.commands import CommandFault, Subparsers


def add(commands: Subparsers) -> None:
    """Describe the commands."""
    account = commands.add_parser("account", help="账号")
    kinds = account.add_subparsers(
        title="命令",
        metavar="命令",
        dest="account_command",
        required=True,
        parser_class=type(account),
    )
    off = kinds.add_parser(
        "second-factor-off",
        help="解除一个账号的两步验证",
        description="解除一个账号的两步验证，并退出它的全部登录；记入审计，并提醒本人。\n"
        "用于唯一的系统管理员丢了手机和恢复码；其他人由系统管理员在账号页面解除。",
    )
    off.add_argument("username", metavar="USERNAME", help="用户名")
    off.set_defaults(run=run_second_factor_off)


def run_second_factor_off(given: argparse.Namespace) -> int:
    """As an administrator would on the account's page."""
    from zhicheng.commands.environment import start_django

    start_django()
    from zhicheng.organizations.guard import CONSOLE
    from zhicheng.organizations.models import Account
    from zhicheng.organizations.second_factor import take_away

    account = Account.objects.filter(username=given.username).first()
    if account is None:
        raise CommandFault("没有这个用户名的账号")
    take_away(actor=CONSOLE, account_id=account.pk)
    sys.stdout.write(f"已解除 {account.username} 的两步验证，全部登录已退出\n")
    return 0
