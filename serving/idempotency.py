"""`Idempotency-Key`: a POST that is repeated with the same key and body is answered with the first answer, and done once.

Kept in this process for a day, which covers retries; what must never happen twice has a natural key in the operation itself
(readings by cell, events by content, work requests by case and mode).
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.errors import problem

_KEPT = 2000
_SECONDS = 86_400.0
_LARGEST_ANSWER = 1 << 20


@dataclass
class _Remembered:
    """fingerprint: of method, path and body. messages: the answer, empty while it is being worked out."""

    fingerprint: str
    born: float
    done: asyncio.Event = field(default_factory=asyncio.Event)
    messages: list[Message] = field(default_factory=list)


class Idempotency:
    """Remembers answers to POST under /v1 by key."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._known: OrderedDict[str, _Remembered] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith("/v1/"):
            return await self.app(scope, receive, send)
        key = Headers(scope=scope).get("idempotency-key", "")
        if not key:
            return await self.app(scope, receive, send)
        if len(key) > 200:
            return await problem(422, "Idempotency-Key is longer than 200 characters")(scope, receive, send)
        body = await _whole_body(receive)
        return await self._once(key, scope, body, send)

    async def _once(self, key: str, scope: Scope, body: bytes, send: Send) -> None:
        fingerprint = hashlib.sha256(f"{scope['method']} {scope['path']}\n".encode() + body).hexdigest()
        while (known := self._recall(key)) is not None:
            if known.fingerprint != fingerprint:
                hint = "use a new key for a new request"
                answer = problem(409, f"Idempotency-Key {key!r} was used with another body", hint, "KeyReused")
                return await answer(scope, _replay(b""), send)
            await known.done.wait()
            if known.messages:
                return await _send_again(known.messages, send)
        entry = self._known[key] = _Remembered(fingerprint, time.monotonic())
        try:
            await self.app(scope, _replay(body), _recorder(entry, send))
        finally:
            if not _worth_keeping(entry.messages):
                entry.messages = []
                self._known.pop(key, None)
            entry.done.set()

    def _recall(self, key: str) -> _Remembered | None:
        now = time.monotonic()
        while self._known:
            first = next(iter(self._known.values()))
            if not first.done.is_set() or (now - first.born < _SECONDS and len(self._known) <= _KEPT):
                break
            self._known.popitem(last=False)
        return self._known.get(key)


async def _whole_body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _recorder(entry: _Remembered, send: Send) -> Send:
    async def record(message: Message) -> None:
        entry.messages.append(dict(message))
        await send(message)

    return record


async def _send_again(messages: list[Message], send: Send) -> None:
    for message in messages:
        copy = {**message}
        if copy["type"] == "http.response.start":
            copy["headers"] = list(copy["headers"])
            MutableHeaders(scope=copy)["idempotency-replayed"] = "true"
        await send(copy)


def _worth_keeping(messages: list[Message]) -> bool:
    """A refusal for want of a store may succeed next time, so it is not kept."""
    finished = bool(messages) and not messages[-1].get("more_body", False) and len(messages) > 1
    size = sum(len(message.get("body", b"")) for message in messages)
    return finished and messages[0]["status"] < 500 and size <= _LARGEST_ANSWER
