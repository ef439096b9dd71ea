"""Which receiver goes with which word in the settings. A new one is its own file and its line here."""

from __future__ import annotations

import base64
from collections.abc import Callable

from pdm.adapters.cmms_maximo import MaximoReceiver
from pdm.adapters.cmms_sap import SapReceiver
from pdm.adapters.gate import Gate, gate
from pdm.adapters.http import Transport
from pdm.adapters.mail import MailReceiver
from pdm.adapters.webhook import WebhookReceiver
from pdm.clock import Clock
from pdm.errors import SettingsError
from pdm.ports import Receiver
from pdm.settings import Settings

Build = Callable[[Settings, Gate, Clock], Receiver]


def connect(settings: Settings, clock: Clock) -> Receiver:
    """The receiver of the settings. Nothing is called yet.

    Raises:
        SettingsError: something is missing or malformed.
    """
    if not settings.receiver_hosts:
        raise SettingsError(
            f"the receiver {settings.receiver} needs receiver_hosts",
            hint='list the names and, for private addresses, the networks: receiver_hosts = ["sap.mill.example", "10.20.0.0/16"]',
        )
    return KINDS[settings.receiver](settings, gate(settings.receiver_hosts), clock)


def _sap(settings: Settings, allowed: Gate, clock: Clock) -> Receiver:  # noqa: ARG001  every builder takes the same
    return SapReceiver(
        _transport(settings, allowed, "SAP S/4HANA"),
        user=settings.receiver_user or "",
        secret=_secret(settings),
        zone=settings.time_zone,
        given=settings.receiver_options,
    )


def _maximo(settings: Settings, allowed: Gate, clock: Clock) -> Receiver:  # noqa: ARG001
    return MaximoReceiver(
        _transport(settings, allowed, "Maximo"),
        secret=_secret(settings),
        zone=settings.time_zone,
        given=settings.receiver_options,
    )


def _webhook(settings: Settings, allowed: Gate, clock: Clock) -> Receiver:
    transport = _transport(settings, allowed, "the webhook")
    return WebhookReceiver(transport, secret=_secret(settings), clock=clock, given=settings.receiver_options)


def _mail(settings: Settings, allowed: Gate, clock: Clock) -> Receiver:  # noqa: ARG001
    return MailReceiver(
        settings.receiver_url or "",
        allowed,
        user=settings.receiver_user or "",
        secret=_secret(settings),
        given=settings.receiver_options,
    )


KINDS: dict[str, Build] = {"sap": _sap, "maximo": _maximo, "webhook": _webhook, "mail": _mail}


def _secret(settings: Settings) -> str:
    return settings.receiver_secret.get_secret_value() if settings.receiver_secret else ""


def _transport(settings: Settings, allowed: Gate, name: str) -> Transport:
    secret = _secret(settings)
    # A server may echo what it was sent: the header form of a password is as secret as the password.
    login = base64.b64encode(f"{settings.receiver_user or ''}:{secret}".encode()).decode()
    return Transport(settings.receiver_url or "", allowed, name, tuple(filter(None, (secret, login))))
