"""What became of files that were sent: the numbers that must add up, and what looked odd."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pdm.readings.findings import Finding


@dataclass(frozen=True)
class IngestReport:
    """One ingest. Nothing is lost: `cells_read` = `cells_new` + `cells_duplicate` + `cells_conflicting` + `cells_quarantined`.

    rows_read: rows in the files, those that could not be cut into cells included. rows_stored: rows of the history they became.
    cells_*: values that say something (of events: events). rows_quarantined: rows in `quarantine_file`; `rows_partly` of them
    wait only with some of their values, the others are stored. rows_guessed: rows in the doubled hour of autumn for which the
    order did not tell, the first one taken. version: of the table afterwards.
    """

    files: tuple[str, ...]
    rows_read: int
    rows_stored: int
    cells_read: int
    cells_new: int
    cells_duplicate: int
    cells_conflicting: int
    cells_quarantined: int
    rows_quarantined: int
    rows_partly: int
    rows_guessed: int
    quarantine_file: Path | None
    findings: tuple[Finding, ...]
    seconds: float
    version: int
