"""Every way in which the platform says no, as one tree.

A message says what happened, to which asset, file or row, and what to do next (`hint`).
Bad input raises one of these, never an `assert`; an HTTP status belongs to each branch, and 500 means that *we* are broken.

    PdmError
    ├── ConfigurationError        the plant is set up wrongly                         (500 at start, never at run time)
    │   ├── SettingsError         a key of plantpdm.toml or a PDM_* variable
    │   ├── DefinitionError       a TOML definition in features/ or models/, with file and line
    │   └── MissingExtra          a part that is not installed, with the pip line
    ├── InputError                what came in cannot be used                         (422)
    │   ├── UnreadableFile        empty, truncated, binary or of an unknown kind
    │   ├── ColumnsError          columns unknown, missing or misspelt
    │   ├── ZoneQuestion          naive times, and nobody has said in which time zone
    │   └── TooLittleData         too few failures, rows or channels for what was asked
    ├── NotFound                  no such asset, class, alert, request or bundle      (404)
    ├── Conflict                  a business rule forbids it now                      (409)
    │   ├── IllegalTransition     the life cycle has no such step from this state
    │   ├── KeyReused             one idempotency key, two different bodies
    │   └── LeaseHeld             another process does this work at the moment
    ├── BundleError               a model bundle that cannot be trusted               (503)
    ├── LeakFound                 a model that has seen the future: training stops    (422)
    ├── ReceiverError             a receiver of work requests is away or answers nonsense (503)
    └── StoreError                the history or the database cannot be reached       (503)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class PdmError(Exception):
    """Anything the platform refuses, in words for the person who asked.

    `message` says what happened and to what; `hint` says what to do next.

    >>> str(NotFound("no asset P-999", hint="`plantpdm assets` lists them"))
    'no asset P-999 (`plantpdm assets` lists them)'
    """

    status = 500

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(message)

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class ConfigurationError(PdmError):
    """The plant is set up wrongly."""


class SettingsError(ConfigurationError):
    """A setting is unknown, malformed or unsafe."""


class DefinitionError(ConfigurationError):
    """A definition in `features/` or `models/` cannot be read; the message starts with file and line."""


class MissingExtra(ConfigurationError):
    """A part of the platform that is not installed.

    >>> print(MissingExtra("train", "training a model"))
    training a model needs the extra 'train' (pip install 'plantpdm[train]')
    """

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(f"{what} needs the extra '{extra}'", hint=f"pip install 'plantpdm[{extra}]'")


class InputError(PdmError):
    """What came in cannot be used."""

    status = 422


class UnreadableFile(InputError):
    """A file that is empty, truncated, binary or of an unknown kind."""


class ColumnsError(InputError):
    """Columns are unknown, missing or misspelt."""


class ZoneQuestion(InputError):
    """Times carry no zone and the source has none declared: a question to the sender, not a reason to drop rows."""


class TooLittleData(InputError):
    """There is too little on record for what was asked."""


class NotFound(PdmError):
    """No such thing."""

    status = 404


class Conflict(PdmError):
    """A business rule forbids it now."""

    status = 409


class IllegalTransition(Conflict):
    """The life cycle has no such step from this state."""


class KeyReused(Conflict):
    """The same idempotency key came with another body."""


class LeaseHeld(Conflict):
    """Another process is doing this work at the moment."""


class BundleError(PdmError):
    """A model bundle that cannot be trusted: signature, hash, version or golden rows."""

    status = 503


class LeakFound(PdmError):
    """A training run has looked into the future.

    report: every question of the leak guard with its answer, as JSON, where all of them were asked.
    """

    status = 422

    def __init__(self, message: str, *, hint: str = "", report: Mapping[str, Any] | None = None) -> None:
        super().__init__(message, hint=hint)
        self.report = report


class StoreError(PdmError):
    """The sensor history or the database cannot be reached."""

    status = 503


class ReceiverError(PdmError):
    """A receiver of work requests has not taken one, and that is not the request's fault: it is tried again.

    failure: `down` (network, time-out, 5xx, nonsense), `busy` (it asks us to wait), `setup` (address, credentials or allow-list
    are wrong), `gone` (410: it wants nothing more), `unsafe` (it may have been taken without its key: a person has to look).
    retry_after: seconds that the receiver asked us to wait.
    """

    status = 503

    def __init__(
        self, message: str, *, failure: str = "down", retry_after: float | None = None, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.failure = failure
        self.retry_after = retry_after
