"""Work requests to any program that takes webhooks, signed as Standard Webhooks 1.0.0 lays down.

A webhook cannot be asked whether it has a request already. The request's key is therefore the message id: a retry carries the same
one, and the specification obliges the consumer to take an id once.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from pdm.adapters.http import Transport
from pdm.adapters.mapping import key_of, options
from pdm.clock import Clock
from pdm.errors import InputError, SettingsError
from pdm.ports import Payload, ReceiverStatus

TOLERANCE = 5 * 60
"""Seconds that a timestamp may be away from the consumer's clock."""


class WebhookReceiver:
    """A `Receiver`. Its numbers are what the consumer answers as `number`, else the message id."""

    def __init__(self, transport: Transport, *, secret: str, clock: Clock, given: Mapping[str, str]) -> None:
        """secret: `whsec_...`; two of them, separated by a space, while the consumer changes over from one to the other."""
        options("webhook", given, {})
        self._transport, self._clock = transport, clock
        self._keys = [signing_key(part) for part in secret.split()]

    @property
    def name(self) -> str:
        return "webhook"

    def find(self, external_ref: str) -> str | None:  # noqa: ARG002  the port's name
        """Never known: the consumer recognises the id instead."""
        return None

    def submit(self, body: Mapping[str, Any]) -> str:
        """Post one message; the consumer's number for it."""
        identity, content = key_of(body, 64), self._content(body)
        stamp = int(self._clock.now().timestamp())
        signatures = " ".join(sign(key, identity, stamp, content) for key in self._keys)
        headers = {**self._headers(identity, str(stamp)), "webhook-signature": signatures}
        answer = self._transport.expect(self._transport.send("POST", "", headers, content)).json()
        number = answer.get("number") if isinstance(answer, dict) else None
        return str(number) if number else identity

    def status(self, number: str) -> ReceiverStatus:  # noqa: ARG002
        """Nothing comes back."""
        return ReceiverStatus()

    def dry_run(self, body: Mapping[str, Any]) -> Payload:
        """The POST; its timestamp and signature are made when it leaves."""
        headers = {**self._headers(key_of(body, 64), "SECONDS"), "webhook-signature": "v1,***"}
        return Payload("POST", self._transport.base, headers, json.loads(self._content(body)))

    def _headers(self, identity: str, stamp: str) -> dict[str, str]:
        return {"Content-Type": "application/json", "webhook-id": identity, "webhook-timestamp": stamp}

    def _content(self, body: Mapping[str, Any]) -> bytes:
        message = {"type": "work_request.created", "timestamp": body.get("created_at"), "data": dict(body)}
        return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def signing_key(secret: str) -> bytes:
    """The bytes of a secret, with or without its prefix.

    Raises:
        SettingsError: it is not base64, or shorter than 24 bytes.
    """
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise SettingsError(
            "receiver_secret is no webhook secret", hint="whsec_ and 24 to 64 bytes in base64"
        ) from None
    if not 24 <= len(key) <= 64:
        raise SettingsError(f"receiver_secret has {len(key)} bytes", hint="a webhook secret has 24 to 64")
    return key


def sign(key: bytes, identity: str, stamp: int, content: bytes) -> str:
    """HMAC-SHA256 over id, timestamp and body.

    >>> key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    >>> sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    signed = f"{identity}.{stamp}.".encode() + content
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def verify(key: bytes, headers: Mapping[str, str], content: bytes, now: float) -> str:
    """The id of a message that is genuine and fresh; header names in lower case. What a consumer has to do.

    Raises:
        InputError: a header is missing, the timestamp is off by more than five minutes, or no signature fits.
    """
    identity, stamp, given = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not (identity and stamp and given):
        raise InputError("a webhook lacks its id, timestamp or signature")
    if not stamp.isdigit() or abs(now - int(stamp)) > TOLERANCE:
        raise InputError(f"the timestamp {stamp[:20]!r} of a webhook is too far from now")
    expected = sign(key, identity, int(stamp), content).encode()
    if not any(hmac.compare_digest(expected, one.encode()) for one in given.split()):
        raise InputError("no signature of the webhook fits")
    return identity
