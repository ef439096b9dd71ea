"""A consumer of Standard Webhooks 1.0.0: it checks signature and timestamp with code of its own, and takes an id once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable

from pdm.testing.servers.base import Answer, Call, FakeServer


class FakeWebhookConsumer(FakeServer):
    """seconds: its clock, as seconds since 1970."""

    def __init__(self, secret: str, seconds: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._key = base64.b64decode(secret.removeprefix("whsec_"))
        self._seconds = seconds
        self.taken: dict[str, dict[str, object]] = {}

    def orders(self, key: str) -> int:
        """Whether the id was taken."""
        return int(key in self.taken)

    def answer(self, call: Call) -> Answer:
        """Take a message, or the repetition of one."""
        identity, stamp = call.headers.get("webhook-id", ""), call.headers.get("webhook-timestamp", "")
        signed = identity.encode() + b"." + stamp.encode() + b"." + call.body
        fitting = base64.b64encode(hmac.digest(self._key, signed, hashlib.sha256)).decode()
        given = [part.removeprefix("v1,") for part in call.headers.get("webhook-signature", "").split(" ")]
        if not any(hmac.compare_digest(fitting, one) for one in given):
            return Answer(401, {"message": "the signature does not fit"})
        if not stamp.isdigit() or abs(self._seconds() - int(stamp)) > 300:
            return Answer(401, {"message": "the timestamp is too old or too new"})
        message = call.json()
        if not isinstance(message, dict) or not {"type", "timestamp", "data"} <= set(message):
            return Answer(400, {"message": "type, timestamp and data are needed"})
        self.taken.setdefault(identity, message["data"])
        return Answer(200, {"number": f"WH-{list(self.taken).index(identity) + 1}"})
