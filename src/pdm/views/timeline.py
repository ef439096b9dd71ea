"""One timeline per asset: events, alerts, requests, verdicts and installations in the order in which they happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from pdm.alerts.alert import Alert, AlertState
from pdm.catalogue import ModelDefinition
from pdm.errors import NotFound
from pdm.feedback.verdict import Verdict
from pdm.ports import Plant
from pdm.readings.events import read_events
from pdm.readings.registry import read_assets, read_installations
from pdm.views import words
from pdm.work.request import WorkRequest

SHOWN = 60
_EVENT_WORDS = {
    "failure": "Failure",
    "repair": "Repair",
    "preventive": "Preventive maintenance",
    "inspection": "Inspection",
    "installation": "Installation",
    "removal": "Removal",
    "error": "Error code",
    "process_change": "Process change",
    "rebaseline": "New baseline",
}


@dataclass(frozen=True)
class Entry:
    """One thing on the timeline. kind: event, alert, request, verdict or installation; link: page of it, or empty."""

    at: datetime
    when: str
    kind: str
    title: str
    text: str = ""
    link: str = ""


def timeline(
    plant: Plant, tag: str, alerts: Sequence[Alert], requests: Sequence[WorkRequest], verdicts: Sequence[Verdict]
) -> tuple[Entry, ...]:
    """What happened to one asset, newest first, at most 60 entries."""
    zone = plant.settings.time_zone
    model = _model_of(plant, tag)
    entries = [
        *_events(read_events(plant.history, assets=[tag]), zone, model),
        *_installations(read_installations(plant.history), tag, zone),
        *(_alert(alert, zone, model) for alert in alerts if alert.state is not AlertState.PENDING),
        *(_request(request, zone) for request in requests),
        *(_verdict(verdict, zone) for verdict in verdicts),
    ]
    return tuple(sorted(entries, key=lambda entry: entry.at, reverse=True)[:SHOWN])


def event_title(event: dict[str, Any], model: ModelDefinition | None) -> str:
    """An event in words: what kind, on which item, which mode."""
    parts = [_EVENT_WORDS.get(event["kind"], str(event["kind"]))]
    if event.get("failure_mode"):
        parts.append(words.mode_title(event["failure_mode"], model).lower())
    elif event.get("maintainable_item"):
        parts.append(str(event["maintainable_item"]).replace("_", " "))
    if event.get("code"):
        parts.append(str(event["code"]))
    title = ": ".join([parts[0], ", ".join(parts[1:])]) if len(parts) > 1 else parts[0]
    return f"{title} ({event['severity']})" if event.get("severity") else title


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as dicts, with missing values as None: the edge where Arrow's world ends and a template's begins."""
    return table.astype(object).where(table.notna(), None).to_dict("records")  # type: ignore[return-value]  # keys are str


def _events(events: pd.DataFrame, zone: str, model: ModelDefinition | None) -> Iterable[Entry]:
    for event in plain_rows(events):
        at = event["time"] or event["recorded_at"]
        place = f"at {event['usage']:.0f}" if event["time"] is None and event["usage"] is not None else ""
        moment = at.to_pydatetime()
        text = " ".join(part for part in (event["text"] or "", place) if part)
        yield Entry(moment, words.when(moment, zone), "event", event_title(event, model), text)


def _installations(table: pd.DataFrame, tag: str, zone: str) -> Iterable[Entry]:
    for row in plain_rows(table[table["asset"] == tag]):
        what = "machine" if row["maintainable_item"] == "unit" else row["maintainable_item"]
        for column, verb in (("start", "installed"), ("end", "removed")):
            if row[column] is not None:
                at = row[column].to_pydatetime()
                yield Entry(at, words.when(at, zone), "installation", f"{what.capitalize()} {row['item']} {verb}")


def _alert(alert: Alert, zone: str, model: ModelDefinition | None) -> Entry:
    at = alert.raised_at or alert.first_seen
    title = f"Alert: {words.mode_title(alert.failure_mode, model).lower()}"
    text = f"{words.percent(alert.peak_probability)} at its highest, {alert.state.value}"
    return Entry(at, words.when(at, zone), "alert", title, text, f"/alerts/{alert.id}")


def _request(request: WorkRequest, zone: str) -> Entry:
    text = f"{request.state.value}, priority {request.priority}"
    at = request.created_at
    return Entry(at, words.when(at, zone), "request", f"Work request: {request.title}", text, f"/requests/{request.id}")


def _verdict(verdict: Verdict, zone: str) -> Entry:
    found = f"{verdict.found} ({verdict.severity})" if verdict.severity else verdict.found
    text = " ".join(part for part in (f"Action: {verdict.action}.", verdict.comment) if part)
    return Entry(verdict.at, words.when(verdict.at, zone), "verdict", f"Found by {verdict.by}: {found}", text)


def _model_of(plant: Plant, tag: str) -> ModelDefinition | None:
    asset = read_assets(plant.history).get(tag)
    if asset is None:
        raise NotFound(f"no asset {tag!r}")
    return plant.catalogue.models.get(asset.asset_class)
