"""To which potential failure each alert belongs, if to any; one alert belongs to one failure, one failure counts once.

An alert may belong to a failure of its asset when it was raised in [onset - tolerance, end + tolerance], where the *end* is
the failure F or the moment at which somebody else ended the life, whichever came first. Up to the *deadline*, F - (planning +
parts time) or the end if that came first, it counts for the failure; after it, it is late. A failure without precursor can be
hit only by luck: its onset is its failure, so alerts about it are late.

Among several failures of the asset an alert goes to one that it names before one that it may mean (`unspecified`) before one
of another mode; then to one that no alert has found in time; then to one it is in time for; then to the one that fails first.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd

from pdm.alerts.alert import UNSPECIFIED
from pdm.catalogue.axis import microseconds
from pdm.errors import ColumnsError
from pdm.simulation.judge.terms import Period, Terms

ALERT_COLUMNS = ("asset", "raised_at", "closed_at", "failure_mode")
KINDS = ("in time", "early", "late", "wrong mode", "false", "repeat")


@dataclass
class Passing:
    """One potential failure while the alerts of its asset pass by; times in microseconds."""

    number: int
    mode: str
    first: int
    deadline: int
    last: int
    failure: int
    horizon: int
    found: bool = False
    met: bool = False


def alert_table(rows: list[dict[str, Any]] | pd.DataFrame) -> pd.DataFrame:
    """Alerts as `judge` takes them, in order of raising: asset, raised_at, closed_at (missing while open), failure_mode.

    Raises:
        ColumnsError: there is no asset or no raised_at.
    """
    frame = pd.DataFrame(rows) if len(rows) else pd.DataFrame(columns=list(ALERT_COLUMNS))
    missing = [name for name in ("asset", "raised_at") if name not in frame]
    if missing:
        raise ColumnsError(f"alerts without {', '.join(missing)} cannot be judged")
    frame = frame.reindex(columns=list(ALERT_COLUMNS))
    for name in ("raised_at", "closed_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    frame["failure_mode"] = frame["failure_mode"].astype(object).fillna(UNSPECIFIED).replace("", UNSPECIFIED)
    frame = frame[frame["raised_at"].notna()]
    return frame.sort_values(["raised_at", "asset", "failure_mode"], kind="stable").reset_index(drop=True)


def with_deadlines(failures: pd.DataFrame) -> pd.DataFrame:
    """The truth's failures with `lead_needed`, `end` (of the life, as it really was) and `deadline`; unknown F left out."""
    known = failures[failures["failure"].notna()].reset_index(drop=True)
    lead = pd.to_timedelta(known["planning_time_h"] + known["parts_time_h"], unit="h").astype("timedelta64[us]")
    end = known["failure"].where(~(known["ended_at"] < known["failure"]), known["ended_at"])
    last_chance = known["failure"] - lead
    deadline = last_chance.where(last_chance < end, end)
    return known.assign(lead_needed=lead, end=end, last_chance=last_chance, deadline=deadline)


def match(failures: pd.DataFrame, alerts: pd.DataFrame, period: Period, terms: Terms) -> pd.DataFrame:
    """The alerts of the period with `kind` (one of `KINDS`) and `failure` (row of `failures`, -1 for none).

    An alert that stands when the period begins belongs to it, as if it had been raised in its first moment.

    failures: as `with_deadlines` gives them. alerts: as `alert_table` gives them.
    """
    inside = _on_duty(alerts, period)
    known = by_asset(failures, terms)
    times, modes, assets = microseconds(inside["raised_at"]), inside["failure_mode"].tolist(), inside["asset"].tolist()
    answers = [assign(known[asset], int(time), mode) for asset, time, mode in zip(assets, times, modes, strict=True)]
    kinds = pd.Series([kind for kind, _ in answers], dtype=object)
    numbers = pd.Series([number for _, number in answers], dtype="int64")
    return _once_per_episode(inside.assign(kind=kinds, failure=numbers), terms)


def _on_duty(alerts: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The alerts of the period; one that stands when it begins is raised in its first moment, as if the watch changed."""
    first = pd.Timestamp(period.start) + pd.Timedelta(microseconds=1)
    standing = (alerts["raised_at"] < first) & ~(alerts["closed_at"] < first)
    taken = alerts.assign(raised_at=alerts["raised_at"].mask(standing, first))
    return taken[(taken["raised_at"] >= first) & (taken["raised_at"] <= period.end)].reset_index(drop=True)


def by_asset(failures: pd.DataFrame, terms: Terms) -> dict[str, list[Passing]]:
    """The failures of each asset (as `with_deadlines` gives them), none of them found yet."""
    tolerance = microseconds_of(terms.tolerance)
    onset = microseconds(failures["onset"].fillna(failures["failure"])) - tolerance
    horizons = [microseconds_of(terms.horizon_of(name)) for name in failures["asset_class"]]
    table: dict[str, list[Passing]] = defaultdict(list)
    columns = (
        failures["asset"],
        failures["failure_mode"],
        onset,
        microseconds(failures["deadline"]),
        microseconds(failures["end"]) + tolerance,
        microseconds(failures["failure"]),
        horizons,
    )
    for number, (asset, mode, *times) in enumerate(zip(*columns, strict=True)):
        first, deadline, last, failure, horizon = (int(time) for time in times)
        table[asset].append(Passing(number, mode, first, deadline, last, failure, horizon))
    return table


def assign(failures: list[Passing], time: int, mode: str) -> tuple[str, int]:
    """What an alert is, and the failure of its asset that it belongs to (-1 for none), which remembers it."""
    open_to = [one for one in failures if one.first <= time <= one.last]
    if not open_to:
        return "false", -1

    def preference(one: Passing) -> tuple[int, bool, bool, int]:
        right = 0 if mode == one.mode else 1 if mode == UNSPECIFIED else 2
        return right, one.found, time > one.deadline, one.failure

    best = min(open_to, key=preference)
    if mode not in (best.mode, UNSPECIFIED):
        return "wrong mode", best.number
    in_time = time <= best.deadline
    again, best.met = best.met, True
    best.found = best.found or in_time
    if again:
        return "repeat", best.number
    if not in_time:
        return "late", best.number
    return ("early" if time < best.failure - best.horizon else "in time"), best.number


def _once_per_episode(alerts: pd.DataFrame, terms: Terms) -> pd.DataFrame:
    """Unfounded alerts of one asset and mode that overlap, or follow within the gap, are one episode: the rest are repeats."""
    unfounded = alerts[alerts["kind"].isin(["false", "wrong mode"])].sort_values(["asset", "failure_mode", "raised_at"])
    whose = [unfounded["asset"], unfounded["failure_mode"], unfounded["kind"]]
    # An open alert holds its episode open: nothing after it can be a new one.
    closed = unfounded["closed_at"].fillna(pd.Timestamp("2262-01-01", tz="UTC")).astype("datetime64[us, UTC]")
    until = pd.Series(microseconds(closed), index=unfounded.index).groupby(whose).cummax()
    before = until.groupby(whose).shift()
    same = microseconds(unfounded["raised_at"]) - before <= microseconds_of(terms.episode_gap)
    kind = alerts["kind"].copy()
    kind.loc[unfounded.index[same.to_numpy()]] = "repeat"
    return alerts.assign(kind=kind)


def microseconds_of(span: timedelta) -> int:
    """A span of time in whole microseconds."""
    return int(span / timedelta(microseconds=1))
