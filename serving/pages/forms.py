"""What page forms share: who acts, and going back to the page with a word of what was done."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Form, Request
from starlette.responses import RedirectResponse

from pdm.errors import InputError
from serving.context import WHO_COOKIE, who_of

_YEAR = 365 * 86_400
By = Annotated[str, Form(max_length=120)]
Text = Annotated[str, Form(max_length=5000)]


def acting(request: Request, by: str = "") -> str:
    """The name of whoever acts: typed into the form, else remembered.

    Raises:
        InputError: nobody said who they are.
    """
    name = by.strip() or who_of(request)
    if not name:
        raise InputError("nobody is acting", hint="write your name into the form: it goes into the audit")
    return name


def back(request: Request, path: str, done: str, who: str) -> RedirectResponse:
    """To `path` by GET, so that a reload repeats nothing; the name is remembered for the next form."""
    answer = RedirectResponse(f"{path}?done={quote(done)}", status_code=303)
    remember(request, answer, who)
    return answer


def remember(request: Request, answer: RedirectResponse, who: str) -> None:
    """Keep the name in a cookie until there are accounts."""
    answer.set_cookie(
        WHO_COOKIE, quote(who), max_age=_YEAR, httponly=True, samesite="lax", secure=request.url.scheme == "https"
    )


def local_path(target: str, default: str = "/fleet") -> str:
    """A path of this service; anything else becomes `default`, so that no link of ours leads elsewhere."""
    parts = urlsplit(target)
    inside = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc
    return target if inside and "\\" not in target and target.isprintable() else default
