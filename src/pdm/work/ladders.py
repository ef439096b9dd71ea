"""What trust and deferrals need from the operational store; the ports page lists both."""

from __future__ import annotations

from typing import Protocol

from pdm.work.deferral import Deferral
from pdm.work.trust import Trust


class TrustStore(Protocol):
    """Ladders of trust, one per (class, failure mode), with the same versioned `save`."""

    def get(self, asset_class: str, failure_mode: str) -> Trust | None: ...

    def list(self) -> list[Trust]:
        """All ladders that were moved."""
        ...

    def save(self, trust: Trust) -> Trust: ...


class DeferralStore(Protocol):
    """Proposals to do preventive tasks later, with the same versioned `save`."""

    def get(self, deferral_id: str) -> Deferral: ...

    def list(self) -> list[Deferral]:
        """Proposals, newest first."""
        ...

    def save(self, deferral: Deferral) -> Deferral: ...
