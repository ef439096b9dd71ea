"""`Idempotency-Key`: a POST that is repeated with the same key and body is answered with the first answer, and done once.

Kept for a day, in this process and in the operational database: a service that was killed in the middle knows its keys again. What
was not answered then is done again, which is harmless, because what must never happen twice has a natural key in the operation
itself (readings by cell, events by content, work requests by case and mode).
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import structlog
from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pdm.errors import StoreError
from pdm.ports import KeptAnswer, Plant
from serving.errors import problem

log = structlog.get_logger()
_KEPT = 2000
_SECONDS = 86_400.0
_LARGEST_ANSWER = 1 << 20
_TIDY_EVERY = 500


@dataclass
class _Remembered:
    """fingerprint: of method, path and body. messages: the answer, empty while it is being worked out."""

    fingerprint: str
    born: float
    done: asyncio.Event = field(default_factory=asyncio.Event)
    messages: list[Message] = field(default_factory=list)


class Idempotency:
    """Remembers answers to POST under /v1 by key."""

    def __init__(self, app: ASGIApp, plant: Plant) -> None:
        self.app = app
        self._plant = plant
        self._begun = 0
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
                return await _reused(key)(scope, _replay(b""), send)
            await known.done.wait()
            if known.messages:
                return await _send_again(known.messages, send)
        entry = self._known[key] = _Remembered(fingerprint, time.monotonic())
        try:
            kept = await to_thread.run_sync(self._begin, key, fingerprint)
            if kept is not None and kept.fingerprint != fingerprint:
                return await _reused(key)(scope, _replay(b""), send)
            if kept is not None and kept.status is not None:
                entry.messages = _messages(kept)
                return await _send_again(entry.messages, send)
            await self.app(scope, _replay(body), _recorder(entry, send))
            if kept is not None and _worth_keeping(entry.messages):
                await to_thread.run_sync(self._finish, replace(kept, **_told(entry.messages)))
        finally:
            if not _worth_keeping(entry.messages):
                entry.messages = []
                self._known.pop(key, None)
            entry.done.set()

    def _begin(self, key: str, fingerprint: str) -> KeptAnswer | None:
        """What the database knows of this key, from now on at least that it was used; None when it cannot be asked."""
        now = self._plant.clock.now()
        try:
            with self._plant.unit_of_work() as work:
                self._begun += 1
                if self._begun % _TIDY_EVERY == 1:
                    work.answers.forget(now - timedelta(seconds=_SECONDS))
                kept = work.answers.begin(KeptAnswer(key, fingerprint, now))
                work.commit()
                return kept
        except StoreError:  # the operation itself says what is wrong with the store, with its own status
            return None

    def _finish(self, answer: KeptAnswer) -> None:
        """Keep an answer that was given; one that cannot be kept is worked out again, which does no harm."""
        try:
            with self._plant.unit_of_work() as work:
                work.answers.finish(answer)
                work.commit()
        except StoreError as error:
            log.warning("an answer could not be kept", reason=str(error))

    def _recall(self, key: str) -> _Remembered | None:
        now = time.monotonic()
        while self._known:
            first = next(iter(self._known.values()))
            if not first.done.is_set() or (now - first.born < _SECONDS and len(self._known) <= _KEPT):
                break
            self._known.popitem(last=False)
        return self._known.get(key)


def _reused(key: str) -> ASGIApp:
    hint = "use a new key for a new request"
    return problem(409, f"Idempotency-Key {key!r} was used with another body", hint, "KeyReused")


def _told(messages: list[Message]) -> dict[str, Any]:
    """What is kept of an answer; latin-1 holds every byte of a header or a body as it is."""
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in messages[0]["headers"])
    body = b"".join(message.get("body", b"") for message in messages[1:])
    return {"status": messages[0]["status"], "headers": headers, "body": body.decode("latin-1")}


def _messages(kept: KeptAnswer) -> list[Message]:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in kept.headers]
    return [
        {"type": "http.response.start", "status": kept.status, "headers": headers},
        {"type": "http.response.body", "body": kept.body.encode("latin-1"), "more_body": False},
    ]


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
