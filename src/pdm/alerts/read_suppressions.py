"""Read what is suppressed by design: exclusions in all their versions, and work as far as the class's policy waits after it."""

from __future__ import annotations

from collections.abc import Mapping

from pdm.alerts.suppression import Interval, Suppressions, after_work, exclusion_intervals
from pdm.catalogue import ModelDefinition
from pdm.readings.events import read_events
from pdm.readings.registry import Asset
from pdm.readings.tables import HistoryTables

_WORK = ("repair", "preventive", "installation")


def read_suppressions(
    history: HistoryTables, models: Mapping[str, ModelDefinition], assets: Mapping[str, Asset]
) -> Suppressions:
    """Every interval of these assets, each with when it was known."""
    table = history.dataset("exclusions")
    found: dict[str, list[Interval]] = exclusion_intervals(table.to_table().to_pylist()) if table is not None else {}
    quiet = {name: model.policy.quiet_after_work for name, model in models.items()}
    waiting = [tag for tag, asset in assets.items() if quiet.get(asset.asset_class)]
    if waiting:
        events = read_events(history, assets=waiting, kinds=list(_WORK))
        events = events[events["time"].notna()]
        columns = (events["asset"], events["time"], events["recorded_at"], events["kind"])
        for tag, at, known, kind in zip(*columns, strict=True):
            hours = quiet[assets[tag].asset_class]
            mark = after_work(at.to_pydatetime(), hours, str(kind), known.to_pydatetime())
            found.setdefault(str(tag), []).append(mark)
    return Suppressions({asset: tuple(marks) for asset, marks in found.items()})
