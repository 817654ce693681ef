"""A mail server for tests: real SMTP on a local port, which takes, refuses, hangs or breaks off.

    python -m tests.support.mail_sink deliver HOST PORT

sends what is due from another process, for tests that kill it.
"""

import email
import os
import socketserver
import sys
import threading
from email.message import EmailMessage
from email.policy import default
from types import TracebackType


class MailSink:
    """``with MailSink() as sink``: mails land in ``sink.mails``; ``answer`` is said to DATA's end.

    ``mood``: take; refuse (``answer`` instead of 250 at the recipient); hang and break (after the
    mail has come, before it is answered).
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.mood, self.answer = "take", "451 later"
        self.came = threading.Event()
        self.go_on = threading.Event()
        sink = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                sink._converse(self)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]

    def __enter__(self) -> "MailSink":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()

    def _converse(self, handler: socketserver.StreamRequestHandler) -> None:
        def say(text: str) -> None:
            handler.wfile.write(f"{text}\r\n".encode())

        say("220 sink")
        while line := handler.rfile.readline():
            word = line.decode().strip().upper()
            if word.startswith("RCPT") and self.mood == "refuse":
                say(self.answer)
            elif word.startswith("DATA"):
                say("354 go on")
                if not self._take(handler):
                    return
                say("250 taken")
            elif word.startswith("QUIT"):
                say("221 bye")
                return
            else:
                if word.startswith("RCPT"):
                    self.recipients.append(line.decode().partition("<")[2].partition(">")[0])
                say("250 ok")

    def _take(self, handler: socketserver.StreamRequestHandler) -> bool:
        lines = []
        while (line := handler.rfile.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line[1:] if line.startswith(b"..") else line)
        message = email.message_from_bytes(b"".join(lines), policy=default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        self.came.set()
        if self.mood == "hang":
            self.go_on.wait(30)
        return self.mood == "take"


def main() -> None:
    """Send what is due, as the worker does."""
    import django

    django.setup()
    from django.conf import settings

    from zhicheng.notifications.mailing import deliver

    settings.EMAIL_HOST, settings.EMAIL_PORT = sys.argv[2], int(sys.argv[3])
    deliver()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhicheng.settings.test")
    main()
