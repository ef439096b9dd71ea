"""The label factory: learn from the plant's own coded work orders what texts are about, suggest, and let a person confirm."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pdm.audit.entry import AuditEntry
from pdm.errors import InputError, NotFound
from pdm.ports import Plant
from pdm.readings.events import append_events, read_events
from pdm.readings.registry import read_assets
from pdm.records.labels import FROM_TEXT_NOTE, fitting_mode
from pdm.records.text_model import Suggestion, TextModel, text_model

FIELDS = {"item": "maintainable_item", "mechanism": "mechanism"}
KINDS = ("failure", "repair")
SOURCE = "label"


@dataclass(frozen=True)
class LabelCandidate:
    """One event whose item or mechanism nobody coded, with what its text suggests."""

    event_id: str
    asset: str
    kind: str
    text: str
    item: Suggestion | None
    mechanism: Suggestion | None

    @property
    def sure(self) -> bool:
        """Whether at least one suggestion may be shown as one."""
        return any(one is not None and one.sure for one in (self.item, self.mechanism))


def train_labels(plant: Plant) -> dict[str, TextModel]:
    """Learn both models from the plant's failures and repairs that bear a code, machines held out; kept in the plant's home.

    What was read from the text itself is no code, and is not learnt from. What people confirmed is, and decides how sure a suggestion
    has to be as soon as there is enough of it.

    Raises:
        TooLittleData: neither can be learnt.
    """
    from pdm.learning.text_labels import train_text_labels

    events = read_events(plant.history, kinds=KINDS)
    events = events[events["text"].ne("") & ~events["text"].str.endswith(FROM_TEXT_NOTE)]
    models = {
        name: train_text_labels(
            name,
            events["text"].tolist(),
            events[column].tolist(),
            groups=events["asset"].tolist(),
            checked=events["source"].eq(SOURCE).tolist(),
        )
        for name, column in FIELDS.items()
    }
    for name, model in models.items():
        file = _file(plant, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(model.document()), encoding="utf-8")
    return models


def suggest_label(plant: Plant, text: str) -> dict[str, Suggestion]:
    """What the models in the plant's home say about one text.

    Raises:
        NotFound: nothing was learnt yet.
    """
    return {name: model.suggest(text) for name, model in _models(plant).items()}


def label_queue(plant: Plant, *, sure_only: bool = True) -> list[LabelCandidate]:
    """Events without item or mechanism that wait for a person, the surest first.

    Raises:
        NotFound: nothing was learnt yet.
    """
    models = _models(plant)
    events = read_events(plant.history, kinds=KINDS)
    silent = events["text"].ne("") & (events["maintainable_item"].eq("") | events["mechanism"].eq(""))
    found = []
    for row in events[silent].itertuples(index=False):
        said = {name: model.suggest(str(row.text)) for name, model in models.items() if not getattr(row, FIELDS[name])}
        found.append(
            LabelCandidate(
                str(row.event_id), str(row.asset), str(row.kind), str(row.text), said.get("item"), said.get("mechanism")
            )
        )
    kept = [one for one in found if one.sure or not sure_only]
    return sorted(kept, key=lambda one: (-max(_chances(one)), one.event_id))


def confirm_label(plant: Plant, event_id: str, *, by: str, item: str = "", mechanism: str = "") -> str:
    """Write what a person says about an event: a new version of it, which training reads; the failure mode that follows.

    The former version stays for readers of earlier moments. The same answer again changes nothing.

    Raises:
        InputError: nobody is named, or nothing is said.
        NotFound: no such event.
    """
    if not by.strip() or not (item.strip() or mechanism.strip()):
        raise InputError("a label needs a name, and an item or a mechanism", hint="--by, --item, --mechanism")
    events = read_events(plant.history, kinds=KINDS)
    event = events[events["event_id"] == event_id]
    if event.empty:
        raise NotFound(f"no failure or repair {event_id}", hint="`plantpdm labels review` lists what waits")
    now = plant.clock.now()
    part = item.strip() or str(event["maintainable_item"].iloc[0])
    damage = mechanism.strip() or str(event["mechanism"].iloc[0])
    asset = read_assets(plant.history).get(str(event["asset"].iloc[0]))
    model = plant.catalogue.models.get(asset.asset_class) if asset else None
    mode = fitting_mode(model.failure_modes, part, damage) if model else None
    said = {
        "maintainable_item": part,
        "mechanism": damage,
        "failure_mode": mode.name if mode else str(event["failure_mode"].iloc[0]),
        "mode": mode.mode if mode and mode.mode else str(event["mode"].iloc[0]),
    }
    changed = event.assign(**said).drop(columns=["recorded_at", "source"])
    counts = append_events(plant.history, changed, now=now, source=SOURCE)
    if counts.stored:
        with plant.unit_of_work() as work:
            work.audit.append(AuditEntry(now, by.strip(), "label", f"event:{event_id}", "", said))
            work.commit()
    return said["failure_mode"]


def _chances(candidate: LabelCandidate) -> Sequence[float]:
    return [one.probability for one in (candidate.item, candidate.mechanism) if one is not None] or [0.0]


def _file(plant: Plant, name: str) -> Path:
    return plant.workspace.home / "labels" / f"{name}.json"


def _models(plant: Plant) -> dict[str, TextModel]:
    found = {}
    for name in FIELDS:
        file = _file(plant, name)
        if file.is_file():
            try:
                found[name] = text_model(json.loads(file.read_text(encoding="utf-8")))
            except (ValueError, TypeError) as error:
                raise InputError(f"{file} cannot be read: {error}", hint="`plantpdm labels train` makes it") from None
    if not found:
        raise NotFound("nothing was learnt from texts yet", hint="plantpdm labels train")
    return found
