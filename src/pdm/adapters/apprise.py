"""Mail, chats and webhooks by Apprise: the only file that imports it.

Its URLs hold passwords and tokens, so none is ever logged or shown; a target is called by its service and a few letters of a hash.
A host of one's own (`mailto`, `json`, ...) must be listed in `notify_hosts`, and lead to a permitted address each time; a service in the
cloud is listed by its name (`slack`). Redirects are not followed. Apprise opens its own sockets, so the address is checked just
before a call and not on the connected socket, as the receivers of work requests have it.
"""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pdm.adapters.gate import gate, tidy
from pdm.errors import MissingExtra, ReceiverError, SettingsError
from pdm.ports import Notification

HEARTBEAT = "heartbeat"
_OWN_HOST = frozenset({"mailto", "mailtos", "json", "jsons", "xml", "xmls", "form", "forms", "syslog", "mqtt", "mqtts"})
_PLAIN = frozenset({"json", "xml", "form", "mqtt", "syslog"})


@dataclass(frozen=True)
class _Target:
    service: Any
    host: str
    port: int
    encrypted: bool


class AppriseNotifier:
    """A `Notifier`. heartbeat: URL of the target of heartbeats, which is not told about alerts."""

    def __init__(self, urls: Iterable[str], *, allowed: Iterable[str], heartbeat: str | None = None) -> None:
        """Nothing is called yet.

        Raises:
            SettingsError: a URL that Apprise does not understand, or whose host or service is not in `allowed`.
            MissingExtra: Apprise is not installed.
        """
        words = [tidy(entry) for entry in allowed]
        self._gate = gate(words)
        self._targets: dict[str, _Target] = {}
        for number, url in enumerate(urls, 1):
            name, target = self._connect(url, f"notify_urls: number {number}")
            self._targets[name] = target
        self._heartbeat = None if heartbeat is None else self._connect(heartbeat, "heartbeat_url")[1]
        # Apprise's own log speaks of hosts, answers and addresses of people.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(self._targets)

    def __repr__(self) -> str:
        return f"AppriseNotifier({', '.join(self._targets)})"

    def notify(self, target: str, what: Notification) -> None:
        """Tell one target.

        Raises:
            ReceiverError: it is not permitted (`setup`), or did not take it.
        """
        if target == HEARTBEAT:
            found = self._heartbeat
            if found is None:
                return
        else:
            found = self._targets.get(target)
        if found is None:
            raise ReceiverError(f"{target} is no target any more", failure="gone", hint="notify_urls was changed")
        if found.host:
            self._permitted(found)
        try:
            taken = found.service.notify(body=what.text, title=what.title)
        except (OSError, TypeError, ValueError) as error:
            raise ReceiverError(f"{target} failed: {type(error).__name__}") from None
        if not taken:
            raise ReceiverError(f"{target} did not take the message")

    def _connect(self, url: str, where: str) -> tuple[str, _Target]:
        service = _understood(_without_redirects(url))
        if service is None:
            raise SettingsError(f"{where} is no URL that Apprise understands", hint="such as mailto:// or slack://")
        scheme = urlsplit(url.strip()).scheme.lower()
        name = f"{scheme}-{hashlib.sha256(url.strip().encode()).hexdigest()[:6]}"
        if scheme not in _OWN_HOST:
            if scheme not in self._gate.names:
                raise SettingsError(f"{where}: {scheme} is not in notify_hosts", hint=f'notify_hosts = ["{scheme}"]')
            return name, _Target(service, "", 0, True)
        host = tidy(str(getattr(service, "smtp_host", "") or service.host))
        port = int(service.port or (443 if service.secure else 587 if scheme.startswith("mail") else 80))
        plain = scheme in _PLAIN or getattr(service, "secure_mode", "") == "insecure"
        return name, _Target(service, host, port, not plain)

    def _permitted(self, target: _Target) -> None:
        """The gate's own judgement on every address of the name, without opening the socket.

        Raises:
            ReceiverError: one of them is not permitted.
        """
        self._gate.judge(target.host, target.port, encrypted=target.encrypted)


def _understood(url: str) -> Any:
    """The service that a URL means; None when Apprise knows none."""
    try:
        import apprise
    except ImportError:
        raise MissingExtra("notify", "telling people by mail, chat or webhook") from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it loads all of its services at once, and some use what Python will drop
        return apprise.Apprise.instantiate(url, suppress_exceptions=True)


def _without_redirects(url: str) -> str:
    text = url.strip()
    if urlsplit(text).scheme.lower() not in {"json", "jsons", "xml", "xmls", "form", "forms"}:
        return text
    return f"{text}{'&' if '?' in text else '?'}redirect=no"
