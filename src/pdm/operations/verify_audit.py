"""Walk the whole audit chain, so that a changed past is noticed."""

from __future__ import annotations

from pdm.ports import Plant


def verify_audit(plant: Plant) -> int:
    """The number of entries of a chain that is whole.

    Raises:
        StoreError: naming the first broken link.
    """
    with plant.unit_of_work() as work:
        return work.audit.verify()
