"""Make room on the shelf: delete bundles that nobody will ask for again, and say who did it."""

from __future__ import annotations

from pdm.audit.entry import AuditEntry
from pdm.errors import InputError
from pdm.ports import Plant
from pdm.registry.shelf import BundleShelf


def prune_bundles(plant: Plant, asset_class: str, *, keep: int, by: str) -> tuple[str, ...]:
    """Delete the bundles of a class but the newest `keep`, champion, challenger and the champions before; the versions deleted.

    A run whose bundle is gone cannot be reproduced any more; what it said of the assets stays on record.

    Raises:
        InputError: nobody's name, or fewer than one to keep. NotFound: no such class.
        BundleError: it cannot be read which versions are in charge.
    """
    if not by.strip():
        raise InputError(f"to delete bundles of {asset_class} needs a name", hint="by=...")
    if keep < 1:
        raise InputError(f"{keep} bundles of {asset_class} cannot be kept", hint="keep at least one")
    plant.catalogue.asset_class(asset_class)
    deleted = tuple(BundleShelf(plant.workspace.bundles).prune(asset_class, keep))
    if deleted:
        with plant.unit_of_work() as work:
            details = {"versions": list(deleted), "keep": keep}
            why = f"all but the newest {keep} and those that are or were in charge"
            work.audit.append(AuditEntry(plant.clock.now(), by, "delete bundles", f"model:{asset_class}", why, details))
            work.commit()
    return deleted
