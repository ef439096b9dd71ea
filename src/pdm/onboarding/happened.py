"""Files of events that nobody has described: which columns say what, whose events they are, and which ways of failing they know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pdm.errors import ColumnsError
from pdm.onboarding.proposal import UNIT, Mode
from pdm.onboarding.propose import slug
from pdm.readings.columns import simple
from pdm.readings.event_rows import event_kind, event_words
from pdm.readings.files import RawTable


@dataclass(frozen=True, eq=False)
class Happened:
    """Events of one file as `ingest_events` takes them, the failure modes among them, and how the file was read, in sentences."""

    frame: pd.DataFrame
    modes: tuple[Mode, ...]
    why: tuple[str, ...]


def read_happened(raw: RawTable, machines: Sequence[str]) -> Happened:
    """One table of events. machines: tags of the readings.

    Raises:
        ColumnsError: no column says which of several machines, or when.
    """
    words, why = event_words(), list[str]()
    roles: dict[str, str] = {}
    for column in map(str, raw.frame.columns):
        role = words.get(simple(column))
        if role is not None and role not in roles:
            roles[role] = column
    if "asset" not in roles and (named := _machine_column(raw.frame, machines, roles)):
        roles["asset"] = named
    if not {"time", "usage"} & roles.keys():
        raise ColumnsError(
            f"{raw.name}: no column says when", hint="columns in the file: " + ", ".join(map(str, raw.frame.columns))
        )
    table = {role: raw.frame[column].fillna("").astype("str").str.strip() for role, column in roles.items()}
    if "asset" not in table:
        if len(machines) != 1:
            raise ColumnsError(
                f"{raw.name}: no column says which of the {len(machines)} machines an event is about",
                hint="add a column 'asset' with the tags of the readings",
            )
        table["asset"] = pd.Series(machines[0], index=raw.frame.index, dtype="str")
        why.append(f"{raw.name}: all events are of {machines[0]}, the only machine")
    if "kind" not in table:
        table["kind"] = pd.Series("failure", index=raw.frame.index, dtype="str")
        why.append(f"{raw.name}: no column says what kind of event it was: all count as failures")
    said = ", ".join(f"'{column}' is the {role.replace('_', ' ')}" for role, column in roles.items())
    unread = [repr(str(column)) for column in raw.frame.columns if str(column) not in roles.values()]
    why.insert(0, f"{raw.name}: {said}" + (f"; {', '.join(unread)} not read" if unread else ""))
    frame, modes = _failures(pd.DataFrame(table), machines)
    if strangers := sorted(set(frame["asset"]) - set(machines)):
        shown = ", ".join(strangers[:3]) + (", ..." if len(strangers) > 3 else "")
        why.append(f"{raw.name}: there are no readings of {shown}; what happened there is put aside")
    return Happened(frame, modes, tuple(why))


_DAMAGE = ["maintainable_item", "mechanism"]


def modes_of_records(failures: pd.DataFrame, name: str) -> Happened:
    """The failure modes among failures that work orders tell of: one for every part and mechanism that they name.

    failures: `maintainable_item` and `mechanism`, "" where the records do not say. name: of the lists, for the sentence.
    """
    named = failures[(failures["maintainable_item"] != "") | (failures["mechanism"] != "")]
    whole = {
        str(item) for item, mechanism in zip(named["maintainable_item"], named["mechanism"], strict=True) if mechanism
    }
    modes = [
        Mode(slug(title), title.capitalize(), "", len(rows), item, how)
        for (item, how), rows in ((tuple(map(str, key)), rows) for key, rows in named.groupby(_DAMAGE))
        if item and (how or item not in whole)
        for title in [f"{item} {how}".strip().replace("_", " ")]
    ]
    counted = sum(mode.count for mode in modes)
    why = [f"{name}: {len(failures)} failures of these machines; {counted} name the part"]
    if counted < len(failures):
        why.append(f"{name}: nothing learns from the other {len(failures) - counted} until somebody says what failed")
    return Happened(failures, tuple(sorted(modes, key=lambda one: (-one.count, one.name))), tuple(why))


def _machine_column(frame: pd.DataFrame, machines: Sequence[str], taken: Mapping[str, str]) -> str | None:
    """The column whose cells are mostly tags of the readings."""
    for column in map(str, frame.columns):
        if column not in taken.values() and frame[column].astype("str").str.strip().isin(machines).mean() > 0.5:
            return column
    return None


def _failures(frame: pd.DataFrame, machines: Sequence[str]) -> tuple[pd.DataFrame, tuple[Mode, ...]]:
    """The events with a mode, a part and a severity for every failure; and the modes of these machines, the most frequent first."""
    failed = frame["kind"].map({word: event_kind(word) for word in frame["kind"].unique()}).eq("failure")
    blank = pd.Series("", index=frame.index, dtype="str")
    mode = frame.get("failure_mode", blank)
    part = frame.get("maintainable_item", blank).where(lambda text: text != "", UNIT)
    named = mode.where(mode != "", "failure").map({word: slug(word or "failure") for word in {*mode, "failure"}})
    severity = frame.get("severity", blank).where(lambda text: text != "", "critical")
    frame = frame.assign(
        failure_mode=named.where(failed, mode), maintainable_item=part, severity=severity.where(failed, "")
    )
    known = failed & frame["asset"].isin(list(machines))
    modes = [
        Mode(str(name), _title(mode[rows.index], str(name)), "", len(rows), str(rows["part"].mode().iloc[0]))
        for name, rows in pd.DataFrame({"mode": named[known], "part": part[known]}).groupby("mode")
    ]
    return frame, tuple(sorted(modes, key=lambda one: (-one.count, one.name)))


def _title(words: pd.Series, name: str) -> str:
    said = [word for word in words if word]
    return said[0] if said else name.replace("_", " ").capitalize()
