"""Lives: how long each serial item was in service and what ended it, derived from installations and events.

A *slot* is a place for an item: one maintainable item of one asset. The history of a slot is a row of boundaries in order of
time, and a life is what lies between two of them:

| boundary | ends a life as | and after it |
|---|---|---|
| beginning: commissioning, else the first reading | - | in service |
| installation of an item | removal (of the one before) | in service, another item |
| failure that counts | failure | down until it is repaired; in service when no repair is on record |
| repair or preventive task that restores | repair (a censored life) | in service, as good as new |
| repair that does not restore | ends nothing, but ends the downtime after a failure | in service |
| removal | removal | empty until the next installation |
| last reading | open | - |

At one moment failure comes before repair, removal and installation. A life is `(start, end]`; downtime belongs to no life.
What several sources wrote down about one repair is told once (see `happenings`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass, FailureMode, ModelDefinition
from pdm.errors import InputError
from pdm.readings.events import read_events
from pdm.readings.happenings import SLOT as _SLOT
from pdm.readings.happenings import Boundary, tell_once
from pdm.readings.registry import LIFE_COLUMNS, UNIT, Asset, read_assets, read_installations
from pdm.readings.store import ReadingStore
from pdm.readings.tables import HistoryTables

_BOUNDARY_KINDS = ("failure", "repair", "preventive", "installation", "removal")
_COUNTING = FailureMode.counts_as_failure
_ENDED_BY = {
    Boundary.FAILURE: "failure",
    Boundary.REMOVAL: "removal",
    Boundary.RENEWAL: "repair",
    Boundary.INSTALLATION: "removal",
    Boundary.LAST: "open",
}


def read_lives(
    history: HistoryTables,
    asset_class: AssetClass,
    model: ModelDefinition | None,
    *,
    known_at: datetime | None = None,
    until: datetime | None = None,
) -> pd.DataFrame:
    """The lives of all items of a class, as the platform knew them at `known_at` (None: now).

    model: says which severities count as a failure, which item a failure mode belongs to, and for which items lives are kept
        although nothing ever happened to them (a censored life is information too).
    until: on the calendar, lives that go on end here rather than with the last reading: parts age unread as well.
    """
    assets = read_assets(history, asset_class=asset_class.name, known_at=known_at)
    modes = model.failure_modes if model else ()
    return build_lives(
        asset_class,
        assets,
        read_installations(history, known_at=known_at),
        read_events(history, assets=list(assets), kinds=_BOUNDARY_KINDS, known_at=known_at),
        _until(ReadingStore(history).span(asset_class, known_at=known_at), assets, asset_class, until),
        counts_as_failure={mode.name: mode.counts_as_failure for mode in modes} if model else None,
        items={mode.name: mode.maintainable_item for mode in modes},
    )


def _until(
    spans: pd.DataFrame, assets: Mapping[str, Asset], asset_class: AssetClass, until: datetime | None
) -> pd.DataFrame:
    """The spans of all assets, as if each had been read until one moment."""
    if until is None or asset_class.axis.kind == "usage":
        return spans
    asked = pd.DataFrame({"asset": pd.Series(sorted(assets), dtype="str")}).merge(spans, on="asset", how="left")
    moment = pd.Series([until] * len(asked), dtype="datetime64[us, UTC]")
    return asked.assign(first=_utc(asked["first"]), time=moment, recorded_at=moment)


def build_lives(
    asset_class: AssetClass,
    assets: Mapping[str, Asset],
    installations: pd.DataFrame,
    events: pd.DataFrame,
    last_readings: pd.DataFrame,
    *,
    counts_as_failure: Mapping[str, Sequence[str]] | None,
    items: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """One row per life with `LIFE_COLUMNS`, sorted by asset, maintainable item and start.

    last_readings: as `ReadingStore.span` gives them: `asset`, `first`, `time`, `recorded_at` (without `first`, an item without
        installation lives from commissioning on).
    counts_as_failure: as-found severities that count, per failure mode; a failure without severity always counts, modes that
        are not named follow the default (critical, degraded).
    items: failure mode -> maintainable item: where an event names only its mode, and slots to keep for every asset.

    An asset without any installation has one `unit`, whose serial item bears the asset's tag. An item kind without an
    installation gets an implied item `<asset>/<kind>`; a new or restored unit brings a new implied item.

    Raises:
        InputError: on a usage axis, an event that begins or ends a life does not say at which usage.
    """
    items = items or {}
    work = _Work(asset_class, assets, items)
    happened = work.events(events, counts_as_failure or {})
    placed = work.installations(installations)
    slots = work.slots(placed, happened[happened["what"] != Boundary.FINDING])
    known = pd.concat([placed, happened], ignore_index=True)
    known = tell_once(pd.concat([known, work.inherited(slots, known)], ignore_index=True), asset_class.axis)
    bounds = pd.concat([work.beginnings(slots, last_readings, known), known], ignore_index=True)
    return _lives(bounds.dropna(subset="at"), work.ends(slots, last_readings))


@dataclass(frozen=True)
class _Work:
    """The steps from tables to boundaries, which are frames with the columns that `tell_once` names."""

    asset_class: AssetClass
    assets: Mapping[str, Asset]
    items: Mapping[str, str]

    def events(self, events: pd.DataFrame, counts: Mapping[str, Sequence[str]]) -> pd.DataFrame:
        """Boundaries that events make; a failure that does not count is a finding, and a repair if it was restored."""
        rows = events[events["kind"].isin(_BOUNDARY_KINDS) & events["asset"].isin(list(self.assets))]
        failure, restores = rows["kind"].eq("failure"), rows["restores"].astype(bool)
        failed = failure & _counts(rows["failure_mode"], rows["severity"], counts)
        what = np.select(
            [failed, rows["kind"].eq("removal"), rows["kind"].eq("installation"), restores, rows["kind"].eq("repair")],
            [Boundary.FAILURE, Boundary.REMOVAL, Boundary.INSTALLATION, Boundary.RENEWAL, Boundary.REPAIR],
            default=-2,
        )
        what = np.where((what == -2) & failure, Boundary.FINDING, what)
        # A failure of "the unit" whose mode belongs to one part is that part's; a repair of the unit renews all of it.
        named = rows["maintainable_item"].where(rows["maintainable_item"] != "", UNIT)
        of_mode = rows["failure_mode"].map(dict(self.items)).astype("str")
        unclear = of_mode.notna() & (rows["maintainable_item"].eq("") | (failure & named.eq(UNIT)))
        bounds = pd.DataFrame(
            {
                "asset": rows["asset"],
                "maintainable_item": named.where(~unclear, of_mode),
                "at": rows["time"] if self.asset_class.axis.kind == "time" else rows["usage"],
                "what": what,
                "item": rows["item"].where(np.isin(what, [Boundary.INSTALLATION, Boundary.RENEWAL]), ""),
                "failure_mode": rows["failure_mode"],
                "severity": rows["severity"],
                "known_at": rows["recorded_at"],
                "restored": failed & restores,
                "found": failure,
                "goes_on": False,
                "source": rows["source"],
            }
        )[what >= Boundary.FINDING]
        bounds = bounds[bounds["what"].ne(Boundary.FINDING) | bounds["at"].notna()]
        self._need_position(bounds, "event")
        return bounds

    def installations(self, installations: pd.DataFrame) -> pd.DataFrame:
        """Boundaries that installations make; where two overlap, the later one ends the earlier one."""
        rows = installations[installations["asset"].isin(list(self.assets))]
        usage = self.asset_class.axis.kind == "usage"
        start, end = ("start_usage", "end_usage") if usage else ("start", "end")
        rows = rows.assign(at=rows[start].fillna(0.0) if usage else rows[start]).sort_values([*_SLOT, "at", "item"])
        following = rows.groupby(_SLOT, sort=False)["at"].shift(-1)
        left = rows[rows["end"].notna() & ~(rows[end] > following)]
        bounds = pd.concat(
            [self._bounds(rows, rows["at"], Boundary.INSTALLATION), self._bounds(left, left[end], Boundary.REMOVAL)],
            ignore_index=True,
        )
        self._need_position(bounds, "installation")
        return bounds

    def slots(self, placed: pd.DataFrame, happened: pd.DataFrame) -> pd.DataFrame:
        """Every slot of every asset: where something was installed or happened, what the model asks for, else the unit."""
        asked = pd.MultiIndex.from_product([list(self.assets), sorted(set(self.items.values()))], names=_SLOT)
        bare = pd.DataFrame({"asset": sorted(set(self.assets) - set(placed["asset"])), "maintainable_item": UNIT})
        frames = [placed[_SLOT], happened[_SLOT], asked.to_frame(index=False), bare]
        slots = pd.concat([frame.astype("str") for frame in frames]).drop_duplicates(ignore_index=True)
        return slots.assign(
            own=_has(
                slots,
                placed[placed["what"] == Boundary.INSTALLATION],
                happened[happened["what"] == Boundary.INSTALLATION],
            )
        )

    def beginnings(self, slots: pd.DataFrame, readings: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
        """Where a slot without a first installation begins; left out where something is on record before."""
        first = slots.join(readings.set_index("asset")["first"], on="asset")["first"] if "first" in readings else None
        if self.asset_class.axis.kind == "usage":
            begun = first if first is not None else pd.Series(0.0, index=slots.index)
        else:
            begun = _utc(slots["asset"].map({tag: asset.commissioned for tag, asset in self.assets.items()}))
            if first is not None:
                begun = begun.where((begun <= first) | first.isna(), first)
        earliest = slots.join(known.groupby(_SLOT)["at"].min(), on=_SLOT)["at"]
        installed = known[known["what"] == Boundary.INSTALLATION].groupby(_SLOT)["at"].min()
        with_item = slots.join(installed, on=_SLOT)["at"] <= earliest
        # Before the first installation there is a life only when something happened in it.
        wanted = (earliest.isna() | (begun < earliest)) & ~with_item
        return self._bounds(slots[wanted], begun[wanted], Boundary.BEGINNING)

    def inherited(self, slots: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
        """A new or restored unit brings new parts: its boundaries count for every implied item as well."""
        renewing = known["what"].isin([Boundary.INSTALLATION, Boundary.RENEWAL, Boundary.REMOVAL])
        unit = known[renewing & known["maintainable_item"].eq(UNIT)]
        parts = slots.loc[~slots["own"] & slots["maintainable_item"].ne(UNIT), _SLOT]
        return parts.merge(unit.drop(columns="maintainable_item"), on="asset").assign(item="")

    def ends(self, slots: pd.DataFrame, readings: pd.DataFrame) -> pd.DataFrame:
        """The last reading, at which a life that goes on is cut."""
        known = slots.merge(readings[["asset", "time", "recorded_at"]], on="asset")
        return self._bounds(known, known["time"], Boundary.LAST)

    def _bounds(self, rows: pd.DataFrame, at: pd.Series, what: int) -> pd.DataFrame:
        known = rows["recorded_at"] if "recorded_at" in rows else pd.Series(pd.NaT, index=rows.index)
        return pd.DataFrame(
            {
                "asset": rows["asset"],
                "maintainable_item": rows["maintainable_item"],
                "at": at,
                "what": what,
                "item": rows["item"] if "item" in rows and what == Boundary.INSTALLATION else "",
                "failure_mode": "",
                "severity": "",
                "known_at": _utc(known),
                "restored": False,
                "found": False,
                "goes_on": False,
                "source": rows.get("source", ""),
            }
        )

    def _need_position(self, bounds: pd.DataFrame, word: str) -> None:
        lost = bounds[bounds["at"].isna()]
        if len(lost):
            raise InputError(
                f"{len(lost)} {word}s of class {self.asset_class.name} do not say at how many "
                f"{self.asset_class.axis.unit} they happened; the first one is on asset {lost['asset'].iloc[0]}",
                hint="give the column usage" if word == "event" else "give start_usage and end_usage",
            )


def _lives(bounds: pd.DataFrame, ends: pd.DataFrame) -> pd.DataFrame:
    """Boundaries to lives: what lies between two neighbours of one slot, where the slot was in service."""
    order = [*_SLOT, "at", "what", "known_at"]
    bounds = bounds.sort_values(order, ignore_index=True)
    before = bounds.groupby(_SLOT)[["what", "restored"]].shift()
    # A repair that restores nothing only ends a downtime; elsewhere it is no boundary.
    waiting = before["what"].eq(Boundary.FAILURE) & before["restored"].eq(False)
    bounds = bounds[bounds["what"].ne(Boundary.REPAIR) | waiting]
    # The last reading cuts a life only when nothing is on record after it: a failure may come when the sensors are silent.
    latest = ends.join(bounds.groupby(_SLOT)["at"].max().rename("latest"), on=_SLOT)["latest"]
    bounds = pd.concat([bounds, ends[ends["at"] > latest]], ignore_index=True).sort_values(order, ignore_index=True)
    by_slot = bounds.groupby(_SLOT)
    following = by_slot["what"].shift(-1)
    mended = following.isin([Boundary.REPAIR, Boundary.RENEWAL, Boundary.INSTALLATION, Boundary.REMOVAL])
    down = (
        bounds["goes_on"]
        | bounds["what"].eq(Boundary.REMOVAL)
        | (bounds["what"].eq(Boundary.FAILURE) & ~bounds["restored"] & mended)
    )
    lives = pd.DataFrame(
        {
            "asset": bounds["asset"],
            "maintainable_item": bounds["maintainable_item"],
            "item": _items(bounds),
            "start": bounds["at"],
            "end": by_slot["at"].shift(-1),
            "ended_by": following.map(_ENDED_BY),
            "failure_mode": by_slot["failure_mode"].shift(-1),
            "severity": by_slot["severity"].shift(-1),
            "known_at": by_slot["known_at"].shift(-1),
        }
    )[~down & ~bounds["what"].eq(Boundary.LAST)]
    lives = lives[lives["start"] < lives["end"]]
    failed = lives["ended_by"].eq("failure")
    lives["failure_mode"], lives["severity"] = (lives[name].where(failed, "") for name in ("failure_mode", "severity"))
    lives = lives.sort_values(["item", "start"])
    lives["life"] = lives["item"] + "#" + (lives.groupby(["item", "maintainable_item"]).cumcount() + 1).astype("str")
    return lives.sort_values([*_SLOT, "start"], ignore_index=True)[list(LIFE_COLUMNS)]


def _items(bounds: pd.DataFrame) -> pd.Series:
    """The serial item in each slot after each boundary: the last one named, else an implied one."""
    named = bounds["item"].where(bounds["item"] != "").groupby([bounds[name] for name in _SLOT]).ffill()
    whole = bounds["maintainable_item"].eq(UNIT)
    implied = bounds["asset"].where(whole, bounds["asset"] + "/" + bounds["maintainable_item"])
    return named.fillna(implied).astype("str")


def _counts(mode: pd.Series, severity: pd.Series, counts: Mapping[str, Sequence[str]]) -> pd.Series:
    """Which failures count: those without severity, and those whose severity is on the list of their mode."""
    usual = severity.isin(_COUNTING) & ~mode.isin(list(counts))
    pairs = [f"{name}|{word}" for name, words in counts.items() for word in words]
    return severity.eq("") | usual | (mode + "|" + severity).isin(pairs)


def _has(slots: pd.DataFrame, *frames: pd.DataFrame) -> Any:
    """Which slots occur in one of the frames."""
    known = pd.concat([frame[_SLOT] for frame in frames])
    return pd.MultiIndex.from_frame(slots[_SLOT]).isin(pd.MultiIndex.from_frame(known))


def _utc(moments: pd.Series) -> pd.Series:
    return pd.Series(pd.DatetimeIndex(pd.to_datetime(moments, utc=True)).as_unit("us"), index=moments.index)
