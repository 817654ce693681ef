"""``worker``: background jobs; their queue is the database, so any number of them may run."""

import argparse

from zhicheng.commands import Subparsers


def add(commands: Subparsers) -> None:
    """Describe the command."""
    worker = commands.add_parser(
        "worker",
        help="运行后台任务（每小时验证审计链和对账等）",
        description="运行后台任务，直到中断。",
    )
    worker.add_argument("--concurrency", type=int, default=2, metavar="N", help="同时任务数（2）")
    worker.set_defaults(run=run_worker)


def run_worker(given: argparse.Namespace) -> int:
    """Work until SIGINT or SIGTERM; a job that runs is finished first."""
    from zhicheng.commands.environment import start_django
    from zhicheng.commands.processes import end_with_parent

    end_with_parent()
    start_django()
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    from zhicheng.work.jobs import DEAD_SECONDS, HEARTBEAT_SECONDS

    connector = app.connector
    if not isinstance(connector, DjangoConnector):
        raise TypeError(connector)
    with app.replace_connector(connector.get_worker_connector()) as working:
        working.run_worker(
            concurrency=given.concurrency,
            delete_jobs="successful",
            shutdown_graceful_timeout=20,
            listen_notify=True,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=DEAD_SECONDS,
        )
    return 0
