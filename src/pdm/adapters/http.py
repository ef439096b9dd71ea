"""HTTP as the receivers need it: through the gate, no redirects, no proxies, bounded in time and size, secrets kept out of every error."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from pdm.adapters.gate import Gate
from pdm.errors import InputError, ReceiverError, SettingsError

_LARGEST = 1 << 20
_QUOTED = 300
_TRY_AGAIN = frozenset({408, 409, 425})  # 409: it may be there already; the next look-up will tell
_SETUP = frozenset({401, 403, 404, 405, 407})


@dataclass(frozen=True)
class Response:
    """An answer that was read to its end."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """The first header of this name, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def cookies(self) -> str:
        """What the server wants to see again, as one Cookie header."""
        given = [value.split(";", 1)[0] for key, value in self.headers if key.lower() == "set-cookie"]
        return "; ".join(given)

    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):  # a megabyte of brackets is nonsense, too
            return None


@dataclass(frozen=True)
class Transport:
    """One server and how to call it. base: `https://host[:port]/path`; timeout: seconds for the whole exchange.

    secrets: texts that must not appear in any message.
    """

    base: str
    gate: Gate
    name: str = "the receiver"
    secrets: tuple[str, ...] = field(default=(), repr=False)
    timeout: float = 20.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.base)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query:
            raise SettingsError(
                "receiver_url is no address to call", hint="https://host/path, without user, password or question mark"
            )

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> Response:
        """One exchange; the answer whatever its status.

        Raises:
            ReceiverError: nobody answers, not in time, or too much; or the gate is closed.
        """
        parts = urlsplit(self.base)
        connection = _Guarded(str(parts.hostname), parts.port, parts.scheme == "https", self.gate, self.timeout)
        # A server that sends one byte now and then would never run into a socket's time-out.
        watch = threading.Timer(self.timeout, connection.abandon)
        watch.daemon = True
        watch.start()
        try:
            connection.request(method, parts.path.rstrip("/") + path, body=body, headers=dict(headers))
            with connection.getresponse() as answer:
                content = answer.read(_LARGEST + 1)
            if answer.length or len(content) > _LARGEST:
                raise ReceiverError(f"{self.name} sent an answer that is too long or cut off")
            return Response(answer.status, answer.getheaders(), content)
        except ssl.SSLCertVerificationError as error:
            raise ReceiverError(
                f"{self.name} cannot prove who it is: {error.verify_message}", failure="setup"
            ) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            what = "was silent for too long" if connection.abandoned or isinstance(error, TimeoutError) else "broke off"
            raise ReceiverError(f"{self.name} {what}: {self.clean(str(error) or type(error).__name__)}") from None
        finally:
            watch.cancel()
            connection.close()

    def expect(self, response: Response) -> Response:
        """The answer when it is a success, else the right kind of refusal.

        Raises:
            InputError: the request itself is at fault; it is final.
            ReceiverError: anything else.
        """
        status = response.status
        if 200 <= status < 300:
            return response
        what = f"{self.name} answers {status}{self.said(response)}"
        wish = retry_after(response)
        if status == 429 or (status == 503 and wish is not None):
            raise ReceiverError(what, failure="busy", retry_after=wish)
        if status == 410:
            raise ReceiverError(what, failure="gone", hint="nothing more is sent until somebody replays it")
        if 300 <= status < 400:
            raise ReceiverError(f"{what}, a redirect", failure="setup", hint="write the final address as receiver_url")
        if status in _SETUP:
            raise ReceiverError(what, failure="setup", hint="see receiver_url, receiver_user and receiver_secret")
        if status in _TRY_AGAIN or status >= 500 or status < 200:
            raise ReceiverError(what)
        raise InputError(what)

    def document(self, response: Response) -> dict[str, Any]:
        """A JSON object, or a `ReceiverError`: whatever else it is, it was not the application that answered."""
        found = self.expect(response).json()
        if not isinstance(found, dict):
            raise ReceiverError(f"{self.name} answers something that is no JSON object")
        return found

    def said(self, response: Response) -> str:
        """The receiver's own words, cleaned and cut."""
        words = _message(response.json()) or response.body.decode("utf-8", "replace")
        printable = "".join(letter if letter.isprintable() else " " for letter in words)
        words = self.clean(" ".join(printable.split()))
        return f": {words[:_QUOTED]}" if words else ""

    def clean(self, text: str) -> str:
        """The text without secrets."""
        for secret in self.secrets:
            text = text.replace(secret, "***") if secret else text
        return text


class _Guarded(http.client.HTTPConnection):
    """A connection whose socket comes from the gate; `http.client` knows neither redirects nor proxies."""

    def __init__(self, host: str, port: int | None, encrypted: bool, gate: Gate, timeout: float) -> None:
        super().__init__(host, port or (443 if encrypted else 80), timeout=timeout)
        self._encrypted, self._gate, self._wait = encrypted, gate, timeout
        self.abandoned = False
        self._held: socket.socket | None = None

    def connect(self) -> None:
        plain = self._gate.open(self.host, self.port, self._wait, encrypted=self._encrypted)
        self._held = plain  # from here on it can be abandoned, also in the middle of the handshake
        if not self._encrypted:
            self.sock = plain
            return
        try:
            self.sock = self._held = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)
        except OSError:
            plain.close()
            raise

    def abandon(self) -> None:
        """Wake whoever waits for this server."""
        self.abandoned = True
        if self._held is not None:  # `sock` is gone already while a last answer is read
            with suppress(OSError):  # it may have been closed in the same instant
                self._held.shutdown(socket.SHUT_RDWR)


def retry_after(response: Response) -> float | None:
    """Seconds that the server asks us to wait, from a number or a date.

    >>> retry_after(Response(429, [("Retry-After", "120")], b""))
    120.0
    """
    text = response.header("retry-after").strip()
    if not text:
        return None
    if text.isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
        now = parsedate_to_datetime(response.header("date")) if response.header("date") else datetime.now(UTC)
        return max((until - now).total_seconds(), 0.0)
    except (TypeError, ValueError):  # a wish nobody can read is none
        return None


def _message(found: Any) -> str:
    """The sentence inside an error document: SAP's error.message.value, Maximo's Error.message, or a plain message."""
    while isinstance(found, dict):
        known = {key.lower(): value for key, value in found.items()}
        found = next((known[key] for key in ("error", "message", "value", "detail") if known.get(key)), "")
    return found if isinstance(found, str) else ""
