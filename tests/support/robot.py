"""Another system's address for tests: a real HTTP server that keeps what it gets."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


class Robot(HTTPServer):
    """``status`` and ``said`` are what it answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.said = 200, b'{"errcode": 0}'
        self.got: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}/robot?key=geheim"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        robot = self.server
        assert isinstance(robot, Robot)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {key.lower(): value for key, value in self.headers.items()}
        robot.got.append((self.path, headers, body))
        self.send_response(robot.status)
        self.end_headers()
        self.wfile.write(robot.said)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def robot_listens() -> Iterator[Robot]:
    """A robot while the block runs."""
    server = Robot()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
