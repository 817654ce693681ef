"""``migrate`` and ``createadmin``."""

import argparse
import getpass
import sys

from zhicheng.commands import CommandFault, Subparsers

ADVISORY_LOCK = 0x7A63_4D49


def add(commands: Subparsers) -> None:
    """Describe the commands."""
    migrate = commands.add_parser("migrate", help="建立或更新数据库结构，载入参考数据")
    migrate.set_defaults(run=run_migrate)

    admin = commands.add_parser(
        "createadmin",
        help="建立系统管理员账号",
        description="建立系统管理员账号；还没有市职改办时一并建立。密码从终端输入，不在命令行中出现。",
    )
    admin.add_argument("username", metavar="USERNAME", help="用户名")
    admin.add_argument("--name", required=True, help="姓名")
    admin.add_argument("--office", default="", help="市职改办全称（首次建立时必须给出）")
    admin.add_argument("--password-stdin", action="store_true", help="从标准输入读取密码")
    admin.set_defaults(run=run_createadmin)


def run_migrate(_: argparse.Namespace) -> int:
    """Tables, reference data, a signing key and, where a folder serves them, static files."""
    from zhicheng.commands.environment import start_django

    start_django()
    bring_up_to_date(verbosity=1)
    _tell_of_keys()
    from django.conf import settings

    if "ManifestStaticFilesStorage" in settings.STORAGES["staticfiles"]["BACKEND"]:
        from django.core.management import call_command

        call_command("collectstatic", interactive=False, verbosity=0)
    return 0


def bring_up_to_date(*, verbosity: int = 0) -> None:
    """Apply outstanding migrations and load the reference data, one process at a time."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from zhicheng.reference.loading import load_reference

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            # Loads the reference data at its end.
            call_command("migrate", interactive=False, verbosity=verbosity)
        else:
            load_reference()
        _first_key()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])


def _first_key() -> None:
    """A new installation can sign from the first day; later keys are the office's business."""
    from zhicheng.credentials.actions import generate
    from zhicheng.credentials.models import SigningKey
    from zhicheng.organizations.guard import CONSOLE

    if not SigningKey.objects.exists():
        key = generate(actor=CONSOLE)
        sys.stdout.write(f"已生成证书签名密钥 {key.key_id}（公布于 /.well-known/）\n")


def _tell_of_keys() -> None:
    """Says so when nothing can be signed: printing will be refused."""
    from zhicheng.credentials.queries import active_key

    if active_key() is None:
        sys.stderr.write("注意：没有使用中的证书签名密钥，证书不能打印；请在“签名密钥”页面生成\n")


def run_createadmin(given: argparse.Namespace) -> int:
    """The first person who can log in; everybody else is created on the pages."""
    password = _password(given.password_stdin)
    from zhicheng.commands.environment import start_django

    start_django()
    from django.db import transaction

    from zhicheng.organizations.actions import create_account, create_organization
    from zhicheng.organizations.guard import CONSOLE
    from zhicheng.organizations.models import Kind, Organization
    from zhicheng.organizations.permissions import Role

    with transaction.atomic():
        office = Organization.objects.filter(kind=Kind.MUNICIPAL_OFFICE, valid_to=None).first()
        if office is None:
            if not given.office:
                raise CommandFault("还没有市职改办：用 --office 给出其全称")
            office = create_organization(
                actor=CONSOLE,
                name=given.office,
                short_name="市职改办",
                kind=Kind.MUNICIPAL_OFFICE,
                has_authority=True,
            )
        create_account(
            actor=CONSOLE,
            username=given.username,
            password=password,
            display_name=given.name,
            organization=office,
            role=Role.ADMINISTRATOR,
            must_change_password=False,
        )
    sys.stdout.write(f"已建立系统管理员 {given.username}（{office.name}）\n")
    return 0


def _password(from_input: bool) -> str:
    if from_input:
        password = sys.stdin.readline().rstrip("\n")
    elif sys.stdin.isatty():
        password = getpass.getpass("密码：")
        if getpass.getpass("再输一次：") != password:
            raise CommandFault("两次输入的密码不一致")
    else:
        raise CommandFault("没有终端可输入密码：用 --password-stdin 从标准输入给出")
    if not password:
        raise CommandFault("密码不能为空")
    return password
