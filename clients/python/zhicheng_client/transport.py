"""How calls travel: HTTP of the standard library, retries, problems as exceptions."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

RETRIED = frozenset({429, 502, 503, 504})
CHUNK = 128 * 1024


class Problem(Exception):
    """The server refused (RFC 9457): ``rule`` for programs, the text for people."""

    def __init__(self, status: int, told: Mapping[str, Any]) -> None:
        self.status = status
        self.told = told
        self.rule = str(told.get("rule", ""))
        self.findings: list[Any] = list(told.get("findings") or [])
        super().__init__(f"{status} {self.rule}: {told.get('detail', '')}")


class Stream:
    """A file that is still coming; read it in a ``with`` block.

    ``position`` is where the feed of changes goes on from an export.
    """

    def __init__(self, response: Any) -> None:
        self.response = response
        self.content_type = str(response.headers.get("Content-Type", ""))
        self.position = int(response.headers.get("Feed-Position", "0"))

    def __enter__(self) -> Stream:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.response.close()

    def chunks(self) -> Iterator[bytes]:
        """The bytes as they come."""
        while chunk := self.response.read(CHUNK):
            yield chunk

    def lines(self) -> Iterator[bytes]:
        """The lines of an NDJSON export."""
        yield from self.response

    def read(self) -> bytes:
        """All of it."""
        content: bytes = self.response.read()
        return content


class Transport:
    """Sends calls with the key; tries again when the server was busy or the line broke.

    A writing call carries an idempotency key, so that a repeated one is done once.
    """

    def __init__(self, address: str, key: str, *, attempts: int = 5, timeout: float = 60.0) -> None:
        self.address = address.rstrip("/")
        self.key = key
        self.attempts = attempts
        self.timeout = timeout

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        idempotency_key: str | None = None,
    ) -> Any:
        """The answer's JSON; raises Problem."""
        with self._send(method, path, query, body, idempotency_key) as response:
            return json.loads(response.read())

    def stream(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
    ) -> Stream:
        """The answer as it comes; raises Problem."""
        return Stream(self._send(method, path, query, None, None))

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: Any,
        idempotency_key: str | None,
    ) -> Any:
        given = {name: value for name, value in (query or {}).items() if value is not None}
        url = f"{self.address}/api/v1{path}" + (f"?{urlencode(given)}" if given else "")
        headers = {"Authorization": f"Bearer {self.key}"}
        data: bytes | None = None
        if body is not None:
            raw = isinstance(body, bytes)
            data = body if raw else json.dumps(body, ensure_ascii=False).encode()
            headers["Content-Type"] = "application/octet-stream" if raw else "application/json"
            headers["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
        for attempt in range(1, self.attempts + 1):
            try:
                return urlopen(  # noqa: S310 - the address is the operator's own
                    Request(url, data=data, headers=headers, method=method),  # noqa: S310
                    timeout=self.timeout,
                )
            except HTTPError as error:
                if error.code not in RETRIED or attempt == self.attempts:
                    raise _problem(error) from None
                time.sleep(_pause(error.headers.get("Retry-After"), attempt))
            except (URLError, ConnectionError, TimeoutError):
                if attempt == self.attempts:
                    raise
                time.sleep(_pause(None, attempt))
        raise AssertionError("unreachable")


def quoted(text: str) -> str:
    """A text as one step of a path."""
    return quote(text, safe="")


def _pause(retry_after: str | None, attempt: int) -> float:
    if retry_after and retry_after.isdigit():
        return min(float(retry_after), 60.0)
    return min(0.2 * 2.0**attempt, 10.0)


def _problem(error: HTTPError) -> Problem:
    try:
        told = json.loads(error.read())
    except (ValueError, OSError):
        told = {}
    return Problem(error.code, told if isinstance(told, dict) else {})
