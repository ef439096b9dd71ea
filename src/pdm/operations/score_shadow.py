"""Let the challenger answer beside the champion, where nobody is disturbed: its answers go into a table of their own.

They raise nothing, no page shows them as the asset's state, and a challenger that cannot be trusted or cannot answer is a sentence in
the report and no more. `pdm.operations.compare_shadow` lays them beside what the champion said at the same moments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa

from pdm.errors import BundleError, PdmError
from pdm.ports import Plant
from pdm.readings.tables import UTC_US
from pdm.registry.bundle import Bundle, load_bundle
from pdm.registry.keys import public_key
from pdm.registry.shelf import BundleShelf
from pdm.scoring.assessment import Assessment

TABLE = "shadow_assessments"
SCHEMA = pa.schema(
    [
        ("asset", pa.string()),
        ("asset_class", pa.string()),
        ("as_of", UTC_US),
        ("bundle", pa.string()),
        ("condition", pa.string()),
        ("mode", pa.string()),  # empty: the row speaks of remaining life alone
        ("horizon", pa.float64()),
        ("probability", pa.float64()),
        ("remaining", pa.float64()),  # median, native units
    ]
)


def score_shadow(plant: Plant, name: str, assess: Callable[[Bundle], Sequence[Assessment]]) -> tuple[int, str]:
    """Ask the challenger of a class, if there is one, and keep what it says.

    assess: what scoring does with a bundle, at the moment at which the champion was asked.

    Returns:
        How many assets it assessed, and why it could not, in a sentence (empty when it could).
    """
    if not plant.settings.score_challenger:
        return 0, ""
    shelf = BundleShelf(plant.workspace.bundles)
    try:
        version = shelf.alias(name, "challenger")
    except BundleError:
        return 0, ""  # the same file names the champion, whose scoring has said so already
    if version is None:
        return 0, ""
    try:
        bundle = load_bundle(shelf.path(name, version), public_key(plant.workspace), threads=1, version=version)
        found = [assessment for assessment in assess(bundle) if assessment.model == "ok"]
        if found:
            plant.history.append(TABLE, _table(found))
    except PdmError as error:
        return 0, f"the challenger could not be asked: {error}"
    return len(found), ""


def _table(assessments: Sequence[Assessment]) -> pa.Table:
    """A row per failure mode of every assessment; one row where it speaks of remaining life alone."""
    rows = []
    for one in assessments:
        life = one.remaining_life.median if one.remaining_life else None
        base = {
            "asset": one.asset,
            "asset_class": one.asset_class,
            "as_of": one.as_of,
            "bundle": one.bundle,
            "condition": one.condition,
            "remaining": life,
        }
        said = [{"mode": risk.mode, "horizon": risk.horizon, "probability": risk.probability} for risk in one.risks]
        rows += [base | risk for risk in said or [{"mode": "", "horizon": None, "probability": None}]]
    return pa.Table.from_pylist(rows, SCHEMA)
