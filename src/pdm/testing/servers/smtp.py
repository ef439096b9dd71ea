"""A mail server on loopback, with the failures that real ones have. It stores every letter, twice if it comes twice."""

from __future__ import annotations

import socketserver
import threading
from collections import deque
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self, cast

REPLIES = {
    "unavailable": b"421 4.3.2 closing the channel\r\n",
    "busy": b"421 4.7.0 try again later\r\n",
    "broken": b"451 4.3.0 local error in processing\r\n",
    "refuse": b"550 5.7.1 this letter will never be taken\r\n",
}


class FakeSmtp:
    """Start it with `with`. `faults`: one for each of the next letters; `always`: one for every connection while it is set."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.faults: deque[str] = deque()
        self.always = ""
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"smtp://127.0.0.1:{self._server.server_address[1]}"

    def orders(self, key: str) -> int:
        """Different Message-IDs that carry this key: a repetition under the same id is the same order."""
        with self.lock:
            return len({letter["Message-ID"] for letter in self.letters if key in str(letter["Message-ID"])})

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, content: bytes) -> bytes | None:
        """Store a letter; the reply, or None when the connection breaks off."""
        with self.lock:
            fault = self.faults.popleft() if self.faults else ""
            if fault in ("", "lost"):
                self.letters.append(message_from_bytes(content, policy=policy.default))
        return b"250 2.0.0 queued\r\n" if not fault else REPLIES.get(fault)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128


def _handler(server: FakeSmtp) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            if server.always:
                self.wfile.write(REPLIES[server.always])
                return
            self.wfile.write(b"220 fake.example ESMTP\r\n")
            for line in self.rfile:
                word = line.split(b" ", 1)[0].strip().upper()
                if word == b"DATA":
                    self.wfile.write(b"354 end with a dot\r\n")
                    reply = server.take(self._content())
                    if reply is None:
                        return
                    self.wfile.write(reply)
                elif word in (b"EHLO", b"HELO"):
                    self.wfile.write(b"250-fake.example\r\n250 8BITMIME\r\n")
                elif word in (b"MAIL", b"RCPT", b"RSET", b"NOOP"):
                    self.wfile.write(b"250 2.0.0 ok\r\n")
                elif word == b"QUIT":
                    self.wfile.write(b"221 2.0.0 bye\r\n")
                    return
                else:
                    self.wfile.write(b"502 5.5.1 not here\r\n")

        def _content(self) -> bytes:
            lines: list[bytes] = []
            for line in self.rfile:
                if line == b".\r\n":
                    break
                lines.append(line[1:] if line.startswith(b"..") else line)
            return b"".join(lines)

        def finish(self) -> None:
            try:
                super().finish()
            except ConnectionError:  # the client went away first
                self.rfile.close()

    return cast("type[Any]", Handler)
