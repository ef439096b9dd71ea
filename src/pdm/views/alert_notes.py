"""The hint on an open alert that somebody may have repaired already: what is on record of the suspected item since it was raised."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import pandas as pd

from pdm.alerts.alert import OPEN_STATES, Alert
from pdm.ports import Plant
from pdm.readings.events import read_events
from pdm.readings.registry import UNIT, read_installations
from pdm.views import words

_KINDS = {
    "repair": "a repair",
    "preventive": "a preventive replacement",
    "installation": "an installation",
    "failure": "a failure",
}
"""What counts as work on an item, in the order in which it is told: what mends it before what broke it."""

_ORDER = {kind: order for order, kind in enumerate(_KINDS)}


def notes(plant: Plant, alerts: Iterable[Alert]) -> dict[str, str]:
    """A hint for every open alert of whose suspected item work has become known since it was raised, by alert id.

    Work on the whole unit counts for each of its parts, and so does work that names no item.
    """
    waiting = [alert for alert in alerts if alert.state in OPEN_STATES]
    if not waiting:
        return {}
    now = plant.clock.now()
    done = _work_on_record(plant, sorted({alert.asset for alert in waiting}), now)
    found = {alert.id: _note(_about(done, alert, _item(plant, alert)), plant) for alert in waiting}
    return {key: note for key, note in found.items() if note}


def note(plant: Plant, alert: Alert) -> str:
    """The hint of one alert; empty when nothing is on record."""
    return notes(plant, [alert]).get(alert.id, "")


def _work_on_record(plant: Plant, assets: list[str], now: datetime) -> pd.DataFrame:
    """asset, maintainable_item, failure_mode, kind, at: events and installations as known now."""
    events = read_events(plant.history, assets=assets, kinds=list(_KINDS), known_at=now)
    events = events[events["kind"].ne("preventive") | events["restores"]]
    placed = read_installations(plant.history, known_at=now)
    placed = placed[placed["asset"].isin(assets)].rename(columns={"start": "time"})
    placed = placed.assign(kind="installation", failure_mode="")
    names = ["asset", "maintainable_item", "failure_mode", "kind", "time", "recorded_at"]
    rows = pd.concat([events[names], placed[names]], ignore_index=True)
    # On a usage axis a record may know only its counter; then the moment at which it was written down has to do.
    return rows.assign(at=rows["time"].fillna(rows["recorded_at"]), order=rows["kind"].map(_ORDER))


def _item(plant: Plant, alert: Alert) -> str:
    """The suspected item; empty where the suspicion names no known mode and therefore concerns the whole asset."""
    model = plant.catalogue.models.get(alert.asset_class)
    modes = {mode.name: mode.maintainable_item for mode in model.failure_modes} if model else {}
    return modes.get(alert.failure_mode, "")


def _about(done: pd.DataFrame, alert: Alert, item: str) -> pd.DataFrame:
    """What of it concerns the suspected item and happened after the alert was raised, the most telling first."""
    same_mode = done["failure_mode"].eq(alert.failure_mode) & done["failure_mode"].ne("")
    names_no_other = done["failure_mode"].isin(["", alert.failure_mode])
    whole = done["maintainable_item"].isin(["", UNIT]) & names_no_other
    concerned = done["maintainable_item"].eq(item) | same_mode | whole | (not item)
    later = done["at"] > (alert.raised_at or alert.first_seen)
    rows = done[done["asset"].eq(alert.asset) & later & concerned]
    return rows.sort_values(["order", "at"])


def _note(rows: pd.DataFrame, plant: Plant) -> str:
    if rows.empty:
        return ""
    first = rows.iloc[0]
    since = words.when(first["at"].to_pydatetime(), plant.settings.time_zone)
    return f"{_KINDS[first['kind']]} is on record since {since}: close it with a verdict?"
