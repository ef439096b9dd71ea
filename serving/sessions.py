"""Signing a browser in with the plant's access token, so that pages work where every request must carry it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from pydantic import SecretStr

from pdm.clock import Clock

SESSION_COOKIE = "plantpdm_session"
SESSION_LENGTH = timedelta(hours=12)
_KEPT = 1000


class Sessions:
    """Sessions of this process: random ids, kept hashed, gone after twelve hours or a restart."""

    def __init__(self, token: SecretStr | None, clock: Clock) -> None:
        self._token = token
        self._clock = clock
        self._expiry: dict[str, datetime] = {}

    @property
    def needed(self) -> bool:
        """Whether requests must show a credential at all."""
        return self._token is not None

    def token_fits(self, offered: str) -> bool:
        """Whether this is the access token, compared in constant time."""
        if self._token is None:
            return True
        return hmac.compare_digest(offered.encode(), self._token.get_secret_value().encode())

    def open(self) -> str:
        """A new session's id, for the cookie."""
        now = self._clock.now()
        self._expiry = {key: end for key, end in self._expiry.items() if end > now}
        while len(self._expiry) >= _KEPT:
            del self._expiry[next(iter(self._expiry))]
        session = secrets.token_urlsafe(32)
        self._expiry[_hashed(session)] = now + SESSION_LENGTH
        return session

    def holds(self, session: str) -> bool:
        """Whether this session is open."""
        expiry = self._expiry.get(_hashed(session))
        return expiry is not None and expiry > self._clock.now()

    def close(self, session: str) -> None:
        """Forget it."""
        self._expiry.pop(_hashed(session), None)


def _hashed(session: str) -> str:
    return hashlib.sha256(session.encode()).hexdigest()
