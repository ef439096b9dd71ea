"""Who is acting, and signing in where a token is configured."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.context import TheContext
from serving.pages.forms import local_path, remember
from serving.sessions import SESSION_COOKIE, SESSION_LENGTH

router = APIRouter()


@router.post("/who")
def set_who(
    request: Request, by: Annotated[str, Form(max_length=120)], after: Annotated[str, Form(max_length=500)] = "/fleet"
) -> RedirectResponse:
    """Remember a name."""
    answer = RedirectResponse(local_path(after), status_code=303)
    remember(request, answer, by.strip())
    return answer


@router.get("/sign-in")
def sign_in_form(request: Request, context: TheContext, next: str = "/fleet") -> HTMLResponse:
    """Ask for the access token."""
    return context.page(request, "sign_in.html", after=local_path(next), refused=False)


@router.post("/sign-in")
def sign_in(
    request: Request,
    context: TheContext,
    token: Annotated[str, Form(max_length=1000)],
    after: Annotated[str, Form(max_length=500)] = "/fleet",
) -> Response:
    """Open a session for this browser."""
    if not context.sessions.token_fits(token):
        return context.page(request, "sign_in.html", status=401, after=local_path(after), refused=True)
    answer = RedirectResponse(local_path(after), status_code=303)
    answer.set_cookie(
        SESSION_COOKIE,
        context.sessions.open(),
        max_age=int(SESSION_LENGTH.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/sign-out")
def sign_out(request: Request, context: TheContext) -> RedirectResponse:
    """Close the session."""
    context.sessions.close(request.cookies.get(SESSION_COOKIE, ""))
    answer = RedirectResponse("/sign-in", status_code=303)
    answer.delete_cookie(SESSION_COOKIE)
    return answer
