"""What somebody may say about lists of the maintenance system when they take them in; nothing of it is needed for a usual list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pdm.records.matching import Confirm


@dataclass(frozen=True)
class ListOptions:
    """How lists are to be read.

    mapping: a mapping file to use; else `home/mappings/<source>-<list>.toml`, proposed at the first import and then the plant's own.
    system: `sap` or `maximo`, when the headers could be both. source: a name for this system when there are several; default: the
    system. time_zone: of its clock; asked once and remembered. columns: header -> field, "" leaves it out. confirm: asked whether a
    similar name is this machine; accepted: a file of such answers. day_first: how to read 03/05/2026 where the rows do not tell.
    dry_run: read and report, store nothing.
    """

    mapping: Path | None = None
    system: str | None = None
    source: str = ""
    time_zone: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    confirm: Confirm | None = None
    accepted: Path | None = None
    day_first: bool | None = None
    dry_run: bool = False


USUAL = ListOptions()
"""Nothing said: the list speaks for itself."""
