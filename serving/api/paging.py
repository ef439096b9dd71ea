"""Limit, offset and windows of time, the same for every list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from fastapi import Query
from pydantic import AfterValidator, BaseModel

from serving.api.schemas import Page

Out = TypeVar("Out", bound=BaseModel)

Limit = Annotated[int, Query(ge=1, le=1000, description="At most this many.")]
Offset = Annotated[int, Query(ge=0, le=1_000_000_000, description="Leave out so many at the beginning.")]


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time needs its zone, such as 2026-11-21T06:00:00Z")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a year that no plant has seen") from None


Moment = Annotated[datetime, AfterValidator(_aware)]
"""An aware moment: a naive one is refused, because guessing a zone loses an hour twice a year."""


def page(kind: type[Out], items: Sequence[Any], limit: int, offset: int) -> Page[Out]:
    """The part of a list that was asked for."""
    shown: Iterable[Any] = items[offset : offset + limit]
    return Page[Out](items=[kind.model_validate(item) for item in shown], total=len(items))
