"""The doors that every request passes before any route sees it: host, access, origin, size, and the headers of every answer.

They are plain ASGI, so that a mounted folder or a forgotten route cannot slip past them.
"""

from __future__ import annotations

from http.cookies import SimpleCookie
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pdm.settings import Settings
from serving.errors import problem
from serving.sessions import SESSION_COOKIE, Sessions

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_PATHS = frozenset({"/sign-in", "/v1/health/live"})
OPEN_FOLDER = "/static/"

# No inline script or style anywhere: pages carry data in JSON blocks, which run nothing.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # `no-referrer` would turn the Origin of our own forms into null
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class SecurityHeaders:
    """The same headers on every answer, errors included. A training report brings its own style with it, and may do nothing else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if scope["path"].startswith("/models/") and scope["path"].endswith("/report"):
                    headers["content-security-policy"] = REPORT_POLICY
                hashed = scope["path"].startswith("/static/assets/") and message["status"] == 200
                headers["cache-control"] = "public, max-age=31536000, immutable" if hashed else "no-store"
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


class HostCheck:
    """On loopback only loopback names are answered: a foreign page cannot reach us under its own name (DNS rebinding)."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.allowed = {"127.0.0.1", "localhost", "::1", settings.host} if settings.loopback else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.allowed is not None:
            host = urlsplit(f"//{Headers(scope=scope).get('host', '')}").hostname or ""
            if host not in self.allowed:
                answer = problem(421, f"this service does not answer to the name {host!r}", "use 127.0.0.1")
                return await answer(scope, receive, send)
        return await self.app(scope, receive, send)


class Access:
    """Where a token is configured, everything but sign-in, static files and the liveness probe needs it: deny by default."""

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        self.app = app
        self.sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self.sessions.needed or _is_open(scope["path"]) or self._may_pass(scope):
            return await self.app(scope, receive, send)
        return await _refusal(scope)(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self.sessions.token_fits(token.strip())
        cookie = SimpleCookie(headers.get("cookie", "")).get(SESSION_COOKIE)
        return cookie is not None and self.sessions.holds(cookie.value)


class OriginCheck:
    """What changes something must come from our own pages or from a program, never from a foreign page in someone's browser."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and not _from_us(scope):
            answer = problem(403, "this change was sent from another site", "use the form on our own page")
            return await answer(scope, receive, send)
        return await self.app(scope, receive, send)


class SizeLimit:
    """Bodies larger than the limit are refused, whether they announce their size or not."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdigit() and int(announced) > self.limit:
            return await self._too_large()(scope, receive, send)
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.limit:
                raise HTTPException(413, self._sentence())
            return message

        return await self.app(scope, counted, send)

    def _sentence(self) -> str:
        return f"the body is larger than {self.limit // 1024**2} MiB"

    def _too_large(self) -> Response:
        return problem(413, self._sentence(), "send it in pieces, or raise max_upload_mb in plantpdm.toml")


def _is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(OPEN_FOLDER)


def _refusal(scope: Scope) -> Response:
    wants_page = "text/html" in Headers(scope=scope).get("accept", "")
    if wants_page and scope["method"] == "GET" and not scope["path"].startswith("/v1/"):
        return RedirectResponse(f"/sign-in?next={quote(scope['path'])}", status_code=303)
    answer = problem(401, "this request carries no valid access token", "send `Authorization: Bearer TOKEN`")
    answer.headers["www-authenticate"] = "Bearer"
    return answer


def _from_us(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc == headers.get("host")
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    # Browsers say where a form comes from; a program that says nothing talks to the API.
    return str(scope["path"]).startswith("/v1/")
