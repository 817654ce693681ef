"""``serve``: the web server."""

import argparse
import os
import socket

from zhicheng.commands import CommandFault, Subparsers

# Measured on 2 cores (benchmarks/server.py): WSGI 1,900 requests a second for a page with one
# query, ASGI 270, because each request of a synchronous page hops to another thread and back.
INTERFACE = "wsgi"
# Public questions that wait together are sent together (database/gathering.py), so many threads
# answer more of them: 4 threads 740 a second, 8: 800, 16: 940, 24: 890 (benchmarks/query.py).
THREADS = 16
# A thread keeps its connection once it asked for something, and PostgreSQL has 100 by default.
CONNECTIONS = 80


def threads_for(workers: int) -> int:
    """How many threads each of these processes has by default."""
    return max(2, min(THREADS, CONNECTIONS // max(1, workers)))


def add(commands: Subparsers) -> None:
    """Describe the command."""
    serve = commands.add_parser("serve", help="运行网站")
    add_address(serve)
    serve.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, metavar="N", help="进程数（处理器数）"
    )
    serve.add_argument(
        "--threads",
        type=int,
        metavar="N",
        help=f"每个进程的线程数（{THREADS}，进程多时较少；每个线程占用一个数据库连接）",
    )
    serve.set_defaults(run=run_serve)


def add_address(parser: argparse.ArgumentParser) -> None:
    """``--host`` and ``--port``."""
    parser.add_argument("--host", default="127.0.0.1", help="监听地址（127.0.0.1）")
    parser.add_argument("--port", type=int, default=8000, help="监听端口（8000）")


def run_serve(given: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM."""
    require_free(given.host, given.port)
    from zhicheng.commands.environment import start_django
    from zhicheng.commands.processes import end_with_parent

    end_with_parent()
    start_django()
    serve(host=given.host, port=given.port, workers=given.workers, threads=given.threads)
    return 0


def require_free(host: str, port: int) -> None:
    """Raises CommandFault when somebody listens there already."""
    if not 0 < port < 65536:
        raise CommandFault(f"端口 {port} 无效：应为 1 至 65535")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise CommandFault(f"地址 {host} 无效") from None
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise CommandFault(
                f"不能使用 {host}:{port}（{error.strerror}）：用 --port 另选一个端口"
            ) from None


def serve(*, host: str, port: int, workers: int, threads: int | None = None) -> None:
    """Run granian in this process until a signal ends it.

    Its worker processes are forked: nothing here may have asked the database or begun a thread.
    """
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    from zhicheng.commands.processes import mark_parent

    mark_parent()
    threads = threads or threads_for(workers)
    os.environ["ZHICHENG_THREADS"] = str(threads)  # the processes know how many they are
    Server(
        "zhicheng.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces(INTERFACE),
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        blocking_threads=threads,
        workers_kill_timeout=10,
        respawn_failed_workers=True,
        log_level=LogLevels.error,
    ).serve()
