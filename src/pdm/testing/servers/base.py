"""An HTTP server on loopback that can be told to fail in all the ways in which real ones do."""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

FAULTS = ("unavailable", "broken", "busy", "nonsense", "gone", "redirect", "echo", "lost", "silent", "refuse")
"""lost: the work is done and the connection breaks off. silent: the work is done and no answer ever comes. echo: an error that
repeats the headers of the call. refuse: this request will never be taken."""

RETRY_AFTER = 120


@dataclass(frozen=True)
class Call:
    """One request as it came; header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body; None when it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True)
class Answer:
    """What goes back. body: bytes, or anything that becomes JSON."""

    status: int
    body: Any = b""
    headers: tuple[tuple[str, str], ...] = ()


class FakeServer(ABC):
    """Start it with `with`. `faults`: one for each of the next creations; `always`: one for every call while it is set."""

    def __init__(self) -> None:
        self.faults: deque[str] = deque()
        self.always = ""
        self.calls: list[Call] = []
        self.lock = threading.Lock()
        self._closing = threading.Event()

    @abstractmethod
    def answer(self, call: Call) -> Answer:
        """What the system does with a call; runs under the lock."""

    def orders(self, key: str) -> int:  # noqa: ARG002  asked of every server by the same checks
        """How many orders with this key it holds; a server that takes none holds none."""
        return 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serve(self, call: Call) -> Answer | None:
        """The answer with its fault; None when the connection has to break off."""
        with self.lock:
            self.calls.append(call)
            fault = self.always or (self.faults.popleft() if self.faults and self.creates(call) else "")
            if fault in ("", "lost", "silent"):
                answer = self.answer(call)
        if fault == "silent":
            self._closing.wait(30)
        return answer if not fault else _failed(fault, call)

    def creates(self, call: Call) -> bool:
        """Whether a call would make an order."""
        return call.method == "POST"


def _failed(fault: str, call: Call) -> Answer | None:
    if fault in ("lost", "silent"):
        return None
    answers = {
        "unavailable": Answer(503, b"Service Unavailable"),
        "broken": Answer(500, {"error": {"code": "X", "message": {"lang": "en", "value": "internal error"}}}),
        "busy": Answer(429, b"slow down", (("Retry-After", str(RETRY_AFTER)),)),
        "nonsense": Answer(200, b"<html><body>Welcome to the proxy</body></html>", (("Content-Type", "text/html"),)),
        "gone": Answer(410, b"Gone"),
        "redirect": Answer(302, b"", (("Location", "http://169.254.169.254/latest/meta-data/"),)),
        "echo": Answer(
            500, {"error": dict(call.headers)["authorization" if "authorization" in call.headers else "apikey"]}
        )
        if {"authorization", "apikey"} & set(call.headers)
        else Answer(500, b"internal error"),
        "refuse": Answer(400, {"Error": {"message": "this can never be taken", "reasonCode": "X"}}),
    }
    return answers[fault]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is part of the game; everything else is shown."""
        import sys

        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _handler(server: FakeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            call = Call(
                self.command,
                unquote(parts.path),
                dict(parse_qsl(parts.query, keep_blank_values=True)),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length),
            )
            answer = server.serve(call)
            if answer is None:
                self.close_connection = True
                return
            body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_PUT = _serve  # noqa: N815  http.server's names

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing: the calls are kept."""

    return Handler
