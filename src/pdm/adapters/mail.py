"""Work requests as e-mail, for planners whose system reads a mailbox or who are the system themselves.

A mailbox cannot be asked whether it has a request. Every repetition therefore carries the same Message-ID, made from the key; when
the answer to a delivery is lost, one letter may arrive twice under that id. Another machine is reached with TLS only.
"""

from __future__ import annotations

import json
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

from pdm.adapters.gate import Gate
from pdm.adapters.mapping import full_text, key_of, one_line, options
from pdm.errors import InputError, ReceiverError, SettingsError
from pdm.ports import Payload, ReceiverStatus

OPTIONS = {"to": "", "from": ""}
_SCHEMES = {"smtp": 587, "smtps": 465}
_EXCHANGES = 3  # time-outs that one whole letter may take


class MailReceiver:
    """A `Receiver`. Its numbers are the Message-IDs."""

    def __init__(
        self, url: str, gate: Gate, *, user: str, secret: str, given: Mapping[str, str], timeout: float = 20.0
    ) -> None:
        """url: `smtp://host:587` (STARTTLS, plain text on loopback only) or `smtps://host:465`."""
        parts = urlsplit(url)
        if parts.scheme not in _SCHEMES or not parts.hostname or parts.username:
            raise SettingsError("receiver_url is no mail server", hint="smtp://host:587 or smtps://host:465")
        self._host, self._port = parts.hostname, parts.port or _SCHEMES[parts.scheme]
        self._url, self._wrapped, self._gate, self._timeout = url, parts.scheme == "smtps", gate, timeout
        self._user, self._secret = user, secret
        chosen = options("mail", given, OPTIONS)
        self._to = [_address(part) for part in chosen["to"].replace(";", ",").split(",")]
        self._from = _address(chosen["from"])

    @property
    def name(self) -> str:
        return "mailbox"

    def find(self, external_ref: str) -> str | None:  # noqa: ARG002  the port's name
        """Never known."""
        return None

    def submit(self, body: Mapping[str, Any]) -> str:
        """Send one letter; its Message-ID.

        Raises:
            InputError: the server refuses this letter for good.
            ReceiverError: it is away, busy or does not let us in.
        """
        letter = self._letter(body)
        with self._translated(), self._server() as server:
            server.send_message(letter, self._from.addr_spec, [one.addr_spec for one in self._to])
        return str(letter["Message-ID"])

    def status(self, number: str) -> ReceiverStatus:  # noqa: ARG002
        """Nothing comes back."""
        return ReceiverStatus()

    def dry_run(self, body: Mapping[str, Any]) -> Payload:
        """The letter: its headers and the text; the canonical request travels as an attachment."""
        letter = self._letter(body)
        return Payload("SMTP", self._url, {name: str(value) for name, value in letter.items()}, full_text(body))

    def _letter(self, body: Mapping[str, Any]) -> EmailMessage:
        key = key_of(body, 64)
        letter = EmailMessage()
        letter["From"], letter["To"] = self._from, self._to
        letter["Subject"] = f"[{key}] {one_line(body.get('title'), 100)}"
        letter["Message-ID"] = f"<{key}@{self._from.domain}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(full_text(body))
        attached = json.dumps(dict(body), ensure_ascii=False, indent=2).encode()
        letter.add_attachment(attached, maintype="application", subtype="json", filename=f"{key}.json")
        return letter

    @contextmanager
    def _server(self) -> Iterator[smtplib.SMTP]:
        server = _Guarded(self._host, self._port, self._gate, self._timeout, wrapped=self._wrapped)
        watch = threading.Timer(_EXCHANGES * self._timeout, server.abandon)
        watch.daemon = True
        watch.start()
        try:
            server.ehlo()
            if not self._wrapped and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            if not server.encrypted and not server.local:
                raise ReceiverError(
                    f"{self._host} offers no TLS", failure="setup", hint="use smtps://, or allow STARTTLS"
                )
            if self._user:
                server.login(self._user, self._secret)
            yield server
            server.quit()
        finally:
            watch.cancel()
            server.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """A 4xx is worth another try, a 5xx on the letter is final, a 5xx on who we are is the setup."""
        try:
            yield
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
            raise ReceiverError(f"{self._host} does not let us in ({_code(error)})", failure="setup") from None
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise self._refusal(min(codes), "refuses the recipients") from None
        except smtplib.SMTPResponseException as error:
            raise self._refusal(error.smtp_code, "refuses the letter") from None
        except ssl.SSLCertVerificationError as error:
            message = f"{self._host} cannot prove who it is: {error.verify_message}"
            raise ReceiverError(message, failure="setup") from None
        except (OSError, smtplib.SMTPException) as error:
            raise ReceiverError(f"{self._host} broke off: {type(error).__name__}") from None

    def _refusal(self, code: int, what: str) -> InputError | ReceiverError:
        text = f"{self._host} {what} ({code})"
        return InputError(text) if code >= 500 else ReceiverError(text, failure="busy" if code == 421 else "down")


class _Guarded(smtplib.SMTP):
    """A connection whose socket comes from the gate."""

    def __init__(self, host: str, port: int, gate: Gate, timeout: float, *, wrapped: bool) -> None:
        self._gate, self._wrapped = gate, wrapped
        super().__init__(timeout=timeout)
        self._host = host  # what STARTTLS checks the certificate against
        code, _ = self.connect(host, port)
        if code != 220:
            self.close()
            raise smtplib.SMTPResponseException(421, b"not ready")

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        # STARTTLS encrypts later: whether it has is asked before anything is said.
        plain = self._gate.open(host, port, timeout, encrypted=True)
        if not self._wrapped:
            return plain
        try:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        except OSError:
            plain.close()
            raise

    def abandon(self) -> None:
        """Wake whoever waits for a server that says a letter now and then."""
        if self.sock is not None:
            with suppress(OSError):  # it may have been closed in the same instant
                self.sock.shutdown(socket.SHUT_RDWR)

    @property
    def encrypted(self) -> bool:
        """Whether what is said now is encrypted."""
        return isinstance(self.sock, ssl.SSLSocket)

    @property
    def local(self) -> bool:
        """Whether it is spoken to on this machine."""
        return self.sock is not None and str(self.sock.getpeername()[0]).startswith(("127.", "::1"))


def _address(text: str) -> Address:
    try:
        found = Address(addr_spec=text.strip())
    except (HeaderParseError, ValueError, IndexError):
        found = Address()
    if not (found.username and found.domain):
        raise SettingsError(
            f"receiver_options: {text!r} is no mail address",
            hint='receiver_options = { to = "planner@mill.example", from = "pdm@mill.example" }',
        )
    return found


def _code(error: Exception) -> str:
    return str(getattr(error, "smtp_code", type(error).__name__))
