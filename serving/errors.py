"""Every refusal as one kind of answer: problem+json (RFC 9457) for programs, a page with the same words for people."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pdm.errors import Conflict, PdmError
from serving.context import context_of

log = structlog.get_logger()


class Problem(BaseModel):
    """What went wrong and what to do next."""

    type: str = Field(examples=["urn:plantpdm:problem:not-found"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["no asset 'P-999'"])
    hint: str = Field("", examples=["the fleet page lists all"])
    errors: list[dict[str, Any]] = []

    model_config = ConfigDict(title="Problem")


_SENTENCES = {
    400: "The body is no JSON, or the multipart form is broken.",
    401: "A token is configured and this request carries no valid one.",
    403: "A change sent from another site.",
    404: "No such thing.",
    409: "A business rule forbids it now.",
    413: "The body is larger than the service accepts.",
    421: "The service does not answer to this host name.",
    422: "What came in cannot be used: the detail says which part, the hint what to do.",
    503: "A store or a model cannot be used at the moment; try again.",
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": sentence,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, sentence in _SENTENCES.items()
}


def problem(
    status: int, detail: str, hint: str = "", kind: str = "", errors: list[dict[str, Any]] | None = None
) -> JSONResponse:
    """A problem+json answer."""
    title = HTTPStatus(status).phrase
    name = kind or title
    slug = re.sub(r"[^a-z]+", "-", re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower())
    body = Problem(
        type=f"urn:plantpdm:problem:{slug}", title=title, status=status, detail=detail, hint=hint, errors=errors or []
    )
    return JSONResponse(body.model_dump(), status, media_type="application/problem+json")


def install_handlers(app: FastAPI) -> None:
    """One handler for each kind of refusal."""
    app.add_exception_handler(PdmError, _pdm_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)


def _pdm_error(request: Request, error: Exception) -> Response:
    refusal = error if isinstance(error, PdmError) else PdmError(str(error))
    if refusal.status >= 500:
        log.error("request failed", path=request.url.path, error=str(error))
    hint = refusal.hint or ("read it again and decide again" if isinstance(error, Conflict) else "")
    return _answer(request, refusal.status, refusal.message, hint, type(error).__name__)


def _http_error(request: Request, error: Exception) -> Response:
    status, detail = (error.status_code, str(error.detail)) if isinstance(error, HTTPException) else (500, "")
    return _answer(request, status, detail, "")


def _invalid(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    if any(item["type"] == "json_invalid" for item in found):
        return _answer(request, 400, "the body is no JSON", str(found[0].get("ctx", {}).get("error", "")))
    details = [{"where": ".".join(str(part) for part in item["loc"]), "what": item["msg"]} for item in found]
    first = details[0] if details else {"where": "request", "what": "cannot be used"}
    return _answer(request, 422, f"{first['where']}: {first['what']}", "", errors=details)


def _answer(
    request: Request, status: int, detail: str, hint: str, kind: str = "", errors: list[dict[str, Any]] | None = None
) -> Response:
    if request.url.path.startswith("/v1/"):
        return problem(status, detail, hint, kind, errors)
    title = HTTPStatus(status).phrase
    return context_of(request).page(request, "problem.html", status=status, title=title, detail=detail, hint=hint)


class CatchFaults:
    """Whatever nobody foresaw becomes a 500: the details go to the log, not to the asker, and the headers of every answer stay on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            log.error("unexpected error", path=scope["path"], exc_info=error)
            answer = _answer(
                Request(scope, receive), 500, "something broke on our side", "the service's log has the details"
            )
            await answer(scope, receive, send)
