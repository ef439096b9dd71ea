"""What every answer to an alert, case or request carries: who acts, and why."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from serving.api.paging import Moment


class Act(BaseModel):
    """Who acts and why; both go into the audit."""

    by: str = Field(min_length=1, max_length=120, pattern=r"\S", description="Who acts.")
    why: str = Field("", max_length=2000, description="The reason.")

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"by": "Ada", "why": "seen in the meeting"}]}
    )


class Reasoned(Act):
    """An act that needs its reason."""

    why: str = Field(min_length=1, max_length=2000, pattern=r"\S", description="The reason.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"by": "Ada", "why": "duplicate of 4711"}]})


class Shelve(Reasoned):
    """Putting an alert aside until a moment, never for ever."""

    until: Moment = Field(description="When it comes back by itself.")

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"by": "Ada", "why": "part of the May stop", "until": "2026-12-01T06:00:00Z"}]}
    )
