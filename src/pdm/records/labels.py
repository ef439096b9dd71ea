"""From codes and words to labels: which part, which mechanism, which failure mode of the catalogue, how bad as found.

Codes speak first. Where they are blank or say "other", the text may fill in, and the label says that it was read from text. What
neither of them tells stays unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import pandas as pd

from pdm.catalogue.model import FailureMode
from pdm.records.mapping import ListMapping, translated
from pdm.records.sheet import Sheet
from pdm.records.words import named, says_nothing

FROM_TEXT_NOTE = " [failure mode read from the text]"

_YES = frozenset({"x", "yes", "y", "1", "true", "ja", "wahr"})

LABEL_COLUMNS = (
    "maintainable_item",
    "mechanism",
    "mode",  # what was observed
    "failure_mode",  # the catalogue's key, "" when none fits
    "label_from",  # code, text, or "" without a failure mode
    "code_says",  # blank, other, or known
    "disagrees",  # the text names another part than the codes
    "signs",  # codes, flag or text speak of damage
)


@dataclass(frozen=True)
class Label:
    """What one record says about the damage; the fields of `LABEL_COLUMNS`."""

    maintainable_item: str = ""
    mechanism: str = ""
    mode: str = ""
    failure_mode: str = ""
    label_from: str = ""
    code_says: str = "blank"
    disagrees: bool = False
    signs: bool = False


def read_labels(
    sheet: Sheet, mapping: ListMapping, classes: Sequence[str], modes: Mapping[str, Sequence[FailureMode]]
) -> pd.DataFrame:
    """One label per record, columns `LABEL_COLUMNS`.

    classes: [n] asset class of each record, "" when unknown. modes: class -> its failure modes.
    """
    known = {name: tuple(of_class) for name, of_class in modes.items()}

    @cache
    def label(asset_class: str, part: str, damage: str, damage_text: str, text: str) -> Label:
        return _label(mapping, known.get(asset_class, ()), part, damage, damage_text, text)

    fields = [sheet.cells(name).tolist() for name in ("part", "damage", "damage_text")]
    words = (sheet.cells("text") + " " + sheet.cells("long_text")).tolist()
    found = [label(*row) for row in zip(classes, *fields, words, strict=True)]
    return pd.DataFrame([vars(one) for one in found], columns=LABEL_COLUMNS, index=sheet.raw.frame.index)


def read_severities(sheet: Sheet, mapping: ListMapping) -> pd.Series:
    """As-found severity of each record, "" when nothing tells: by damage code, breakdown flag, priority, then the unset flag."""
    flag = sheet.cells("breakdown").str.casefold().isin(list(_YES))
    by_flag = flag.map({True: mapping.breakdown.get("yes", ""), False: ""}).astype("str")
    unset = mapping.breakdown.get("no", "") if sheet.has("breakdown") else ""
    answer = translated(sheet.cells("damage"), mapping.severities)
    for other in (by_flag, translated(sheet.cells("priority"), mapping.priority)):
        answer = answer.where(answer.ne(""), other)
    return answer.where(answer.ne("") | flag, unset).astype("str")


def broke_down(sheet: Sheet) -> pd.Series:
    """Whether the breakdown flag is set."""
    return sheet.cells("breakdown").str.casefold().isin(list(_YES))


def fitting_mode(modes: Sequence[FailureMode], item: str, mechanism: str) -> FailureMode | None:
    """The one failure mode with this part and mechanism; with only one of the two, when it leaves no choice.

    >>> wear = FailureMode("bearing_wear", "Bearing wear", "bearing", mechanism="wear")
    >>> fitting_mode([wear], "bearing", "").name, fitting_mode([wear], "bearing", "corrosion")
    ('bearing_wear', None)
    """
    if not item and not mechanism:
        return None
    fits = [
        mode for mode in modes if item in ("", mode.maintainable_item) and mechanism in ("", mode.mechanism, mode.name)
    ]
    return fits[0] if len(fits) == 1 else None


def _label(
    mapping: ListMapping, modes: Sequence[FailureMode], part: str, damage: str, damage_text: str, text: str
) -> Label:
    silent = says_nothing(damage, damage_text)
    says = "blank" if not damage else "other" if silent else "known"
    item = mapping.parts.get(part, "")
    mechanism = "" if silent else mapping.mechanisms.get(damage, "")
    observed = _first(named("observed", f"{damage_text} {text}"))
    own = next((mode for mode in modes if not silent and mode.name == mapping.modes.get(damage)), None)
    by_code = own or (None if silent else fitting_mode(modes, item, mechanism))
    items, mechanisms = named("items", text), named("mechanisms", text)
    disagrees = bool(item and items and item not in items)
    signs = not silent or bool(mechanisms) or bool(observed)
    if by_code is not None:
        return Label(
            by_code.maintainable_item, by_code.mechanism or mechanism, by_code.mode or observed, by_code.name, "code",
            says, disagrees, signs,
        )  # fmt: skip
    choices = [
        (one_item, one_mechanism)
        for one_item in ((item,) if item else (*items, ""))
        for one_mechanism in ((mechanism,) if mechanism else (*mechanisms, ""))
    ]
    for one_item, one_mechanism in choices:
        mode = fitting_mode(modes, one_item, one_mechanism)
        # A part alone is no damage: "bearing greased" fails nothing.
        if mode is not None and signs:
            return Label(
                mode.maintainable_item, mode.mechanism or one_mechanism, mode.mode or observed, mode.name, "text",
                says, disagrees, signs,
            )  # fmt: skip
    return Label(choices[0][0], choices[0][1], observed, "", "", says, disagrees, signs)


def _first(words: Sequence[str]) -> str:
    return words[0] if words else ""
