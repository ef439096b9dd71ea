"""Happenings: what several sources wrote down about one repair counts once.

A verdict says what an inspection found; the maintenance system books the same job hours or days earlier or later. Taken one by
one, these records would end the same life twice, and a repair booked before the verdict would even hide the failure. Therefore:

* what *one* source says of one failure and its repair is an *account*; accounts of one source are never merged, because an item
  that fails again within days of its repair is real;
* accounts of *different* sources about one slot, of which two records lie within `SAME_HAPPENING`, are one happening; the
  nearest ones find each other first, and no source takes part twice;
* a failure wins over repair and replacement, with the severity and mode as found by the verdict when there is one;
* the old life ends at the earliest failure, the new one begins at the last record that restores.

Only the derivation of lives merges; the records themselves stay as they are, so that what was known at an earlier moment follows
from the records of that moment.
"""

from __future__ import annotations

from datetime import timedelta
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import Axis

SAME_HAPPENING = timedelta(days=3)
"""A job of Friday is booked on Monday; the same item of the same machine rarely gets two unrelated repairs within that time."""

VERDICT = "verdict"
"""The source of what an inspection found; it knows the state as found better than a work order does."""

REPORTED = "reported"
"""The source of failures that a person reported; nobody had predicted them, or nobody had answered the alert."""

SLOT = ["asset", "maintainable_item"]
"""A place for an item: one maintainable item of one asset."""


class Boundary(IntEnum):
    """What a record does to the life of a slot, in the order in which records of one moment count."""

    FINDING = -1  # a failure that neither counts nor was restored: no boundary by itself
    BEGINNING = 0
    FAILURE = 1
    RENEWAL = 2
    REPAIR = 3
    REMOVAL = 4
    INSTALLATION = 5
    LAST = 6


Whole = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float64]

_RESTORING = (Boundary.RENEWAL, Boundary.REMOVAL, Boundary.INSTALLATION)
_DONE = (Boundary.RENEWAL, Boundary.REPAIR, Boundary.INSTALLATION)


def tell_once(bounds: pd.DataFrame, axis: Axis, *, within: timedelta = SAME_HAPPENING) -> pd.DataFrame:
    """The boundaries with every happening told once: its end of life, and the restoration after it.

    bounds: `asset`, `maintainable_item`, `at`, `what` (`Boundary`), `item`, `failure_mode`, `severity`, `known_at`, `restored`,
        `found` (the record is a failure), `goes_on` (what follows is no life: the happening is not over yet) and `source`.
    """
    bounds = bounds.sort_values([*SLOT, "at", "what", "known_at"], ignore_index=True)
    slot = np.cumsum((bounds[SLOT] != bounds[SLOT].shift()).any(axis=1).to_numpy(), dtype=np.int64)
    position = axis.positions(bounds["at"])
    span = within.total_seconds() / 86400 * axis.per_day if axis.kind == "usage" else within.total_seconds() / 3600
    pairs = _pairs(bounds, slot, position, span)
    happening = _happenings(_accounts(bounds, slot, position), bounds["source"].to_numpy(), pairs)
    shared = happening >= 0
    if shared.any():
        told = _told(bounds[shared].assign(happening=happening[shared]))
        bounds = pd.concat([bounds[~shared], told], ignore_index=True)
    return bounds[bounds["what"] > Boundary.FINDING]


def _accounts(bounds: pd.DataFrame, slot: Whole, position: Floats) -> Whole:
    """The account of each row: one source's failure and what restored it; records of one moment belong together."""
    source = pd.factorize(bounds["source"])[0]
    done = (bounds["what"].isin(_DONE) | bounds["restored"]).to_numpy(dtype=bool)
    found = bounds["found"].to_numpy(dtype=bool)
    order = np.lexsort((source, slot))  # stable: within a source the rows stay in order of time
    here, before = order[1:], order[:-1]
    another = (slot[here] != slot[before]) | (source[here] != source[before])
    later = position[here] > position[before]
    account = np.zeros(len(bounds), np.int64)
    account[here] = np.cumsum(another | (later & (done[before] | found[here])))
    return account


def _pairs(bounds: pd.DataFrame, slot: Whole, position: Floats, span: float) -> Whole:
    """Pairs of rows [n, 2] of one slot and different sources within `span`, the nearest first."""
    source, what = pd.factorize(bounds["source"])[0], bounds["what"].to_numpy()
    # What a slot begins with ends nothing, and a repair that restored nothing says nothing of a failure after it.
    first = np.r_[True, slot[1:] != slot[:-1]][: len(slot)]
    begins = first & (what == Boundary.INSTALLATION)
    left = np.flatnonzero(~begins)
    found, gaps, step = [np.empty((0, 2), np.int64)], [np.empty(0)], 0
    while left.size:
        step += 1
        left = left[left + step < len(slot)]
        right = left + step
        gap = position[right] - position[left]
        near = (slot[left] == slot[right]) & (gap <= span)
        left, right, gap = left[near], right[near], gap[near]
        other = (source[left] != source[right]) & (what[left] != Boundary.REPAIR)
        found.append(np.column_stack([left[other], right[other]]))
        gaps.append(gap[other])
    return np.concatenate(found)[np.argsort(np.concatenate(gaps), kind="stable")]


def _happenings(account: Whole, source: npt.NDArray[np.object_], pairs: Whole) -> Whole:
    """The happening of each row, -1 where one source alone tells of it. Groups grow from the nearest pair on."""
    group: dict[int, list[int]] = {}
    sources: dict[int, set[str]] = {}
    for left, right in pairs:
        a, b = int(account[left]), int(account[right])
        one, two = group.setdefault(a, [a]), group.setdefault(b, [b])
        told_by = sources.setdefault(one[0], {source[left]}), sources.setdefault(two[0], {source[right]})
        if one is two or told_by[0] & told_by[1]:
            continue
        told_by[0].update(told_by[1])
        one.extend(two)
        group.update(dict.fromkeys(two, one))
    of_account = np.full(int(account.max(initial=-1)) + 1, -1, np.int64)
    for member, members in group.items():
        of_account[member] = members[0] if len(members) > 1 else -1
    return of_account[account]


def _told(rows: pd.DataFrame) -> pd.DataFrame:
    """At most two boundaries per happening: where the life ends, and where the next one begins."""
    rows = rows.sort_values(["happening", "at", "what"], ignore_index=True)
    as_found = _as_found(rows)
    failed = rows["happening"].isin(as_found.index[as_found["what"].eq(Boundary.FAILURE)])
    restores = rows["what"].isin(_RESTORING) | rows["restored"]
    # What the verdict found too slight to count is no failure in the other records either, but still a repair if it was one.
    slight = ~failed & rows["what"].eq(Boundary.FAILURE)
    rows["what"] = rows["what"].mask(slight, restores.map({True: Boundary.RENEWAL, False: Boundary.FINDING}))
    ending = rows[rows["what"].eq(Boundary.FAILURE) | (~failed & restores)].drop_duplicates("happening")
    end = rows[["happening"]].join(ending.set_index("happening")["at"], on="happening")["at"]
    mends = failed & rows["what"].eq(Boundary.REPAIR) & (rows["at"] >= end)
    # The last record that restores; where none does, the last repair ends the downtime.
    after = rows.assign(restores=restores, end=end)[restores | mends].sort_values(
        ["happening", "restores", "at", "what"]
    )
    after = after.drop_duplicates("happening", keep="last")
    after = after[~after.index.isin(ending.index)]
    return pd.concat([_ended(ending, as_found, after["happening"]), _begun(after, rows)], ignore_index=True)


def _as_found(rows: pd.DataFrame) -> pd.DataFrame:
    """Per happening what was found: by the verdict when there is one, then by the failure that counts, then by the earliest."""
    found = rows[rows["found"]]
    order = found.assign(told=found["source"].ne(VERDICT), slight=found["what"].ne(Boundary.FAILURE))
    order = order.sort_values(["happening", "told", "slight", "at"])
    words = {name: order[name].where(order[name] != "") for name in ("failure_mode", "severity")}
    first: pd.DataFrame = order.assign(**words).groupby("happening")[["what", *words, "known_at"]].first()
    return first


def _ended(ending: pd.DataFrame, as_found: pd.DataFrame, goes_on: pd.Series) -> pd.DataFrame:
    """The end of each life, in the words of what was found; it counts as known when both its moment and its words were."""
    on, failed = ending["happening"].isin(goes_on), ending["what"].eq(Boundary.FAILURE)
    said = ending[["happening"]].join(as_found, on="happening")
    known = said["known_at"].where(said["known_at"] > ending["known_at"], ending["known_at"])
    return ending.assign(
        failure_mode=said["failure_mode"].astype("str").fillna("").where(failed, ""),
        severity=said["severity"].astype("str").fillna("").where(failed, ""),
        known_at=known.where(failed, ending["known_at"]),
        item=ending["item"].where(~on, ""),
        restored=ending["restored"] & ~on,
        goes_on=on,
    )


def _begun(after: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The beginning of each next life, with the serial item that was installed; a repair names the one that was taken out."""
    installed = rows[rows["what"].eq(Boundary.INSTALLATION) & rows["item"].ne("")]
    newest = installed.drop_duplicates("happening", keep="last").set_index("happening")["item"]
    item = after[["happening"]].join(newest, on="happening")["item"]
    return after.assign(
        at=after["at"].where(after["at"] >= after["end"], after["end"]),
        what=after["what"].where(after["what"] != Boundary.FAILURE, Boundary.RENEWAL),
        item=item.fillna(after["item"]),
        restored=False,
    ).drop(columns=["restores", "end"])
