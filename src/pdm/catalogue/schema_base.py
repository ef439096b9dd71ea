"""What all parts of a definition in TOML have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Document(BaseModel):
    """Base of all parts: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid")
