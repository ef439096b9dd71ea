"""What the words of one list mean here: proposed from the list, kept as a TOML file in the plant's home, and the plant's own from then on.

Once the file exists it is only read. Codes that it does not name are understood by the proposal, and reported so that someone can
add them.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from pdm.errors import DefinitionError
from pdm.readings.columns import simple
from pdm.records.headers import LISTS, list_kind
from pdm.records.sheet import Sheet
from pdm.records.words import named, says_nothing

FOLDER = "mappings"

_KINDS = ("failure", "repair", "preventive", "inspection", "ignore", "")
_SEVERITIES = ("critical", "degraded", "incipient", "")
_USUAL_KINDS = {
    "M1": "repair", "M2": "failure", "M3": "repair",
    "PM01": "repair", "PM02": "preventive", "PM03": "preventive", "PM04": "repair", "PM05": "inspection",
    "CM": "repair", "EM": "failure", "PM": "preventive", "CAL": "inspection", "INSP": "inspection", "INS": "inspection",
}  # fmt: skip
_WITHOUT_KIND = {"IW29": "failure", "IW39": "repair", "WORKORDER": "repair"}


@dataclass(frozen=True)
class ListMapping:
    """How to read one list.

    columns: header -> field, "" leaves it out. kinds: type of notification or order -> kind of event, "ignore", or "" when nobody
    has said. breakdown (`yes`, `no`), priority, severities (of a damage code): -> severity as found. parts: object part code ->
    maintainable item. mechanisms: damage code -> mechanism. modes: damage code -> failure mode of the catalogue, where it says so
    itself. classes, items: object type -> asset class, maintainable item. cancelled: words of a status that take a record back.
    """

    list: str
    columns: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    breakdown: Mapping[str, str] = field(default_factory=dict)
    priority: Mapping[str, str] = field(default_factory=dict)
    severities: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    mechanisms: Mapping[str, str] = field(default_factory=dict)
    modes: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)
    cancelled: tuple[str, ...] = ("LOVM", "LÖVM", "DLFL", "CAN", "STOR")


_HELP = {
    "columns": 'Header in the file = field; "" leaves a column out. Fields: {fields}',
    "kinds": 'Type = failure, repair, preventive, inspection, ignore; "" sends its rows to quarantine.',
    "breakdown": 'Breakdown flag = severity as found: critical (had failed), degraded, incipient, or "" for unknown.',
    "priority": "Priority = severity as found, where the breakdown flag is not set.",
    "severities": "Damage code = severity as found, stronger than flag and priority.",
    "parts": "Object part code = maintainable item, as the failure modes in models/ name it.",
    "mechanisms": "Damage code = mechanism, as the failure modes in models/ name it.",
    "modes": "Damage code = name of a failure mode in models/, where the code says it all.",
    "classes": 'Object type = asset class in features/; "" is no machine that is watched.',
    "items": "Object type = maintainable item that such a piece of equipment is.",
}


def mapping_file(home: Path, source: str) -> Path:
    """Where the mapping of a source is kept."""
    return home / FOLDER / f"{source}.toml"


def propose(sheet: Sheet, *, classes: Mapping[str, str] | None = None) -> ListMapping:
    """What the words of a list probably mean, judged by their texts in two languages.

    classes: asset class -> its title, of the plant's catalogue.
    """
    kind = sheet.kind
    columns = {column: field for field, column in sheet.columns.items()}
    if kind.record == "asset":
        of_class = {word: _class_named(word, classes or {}) for word in _distinct(sheet, "kind")}
        # A gearbox fan is a machine, not the gear of one.
        parts_of = {word: _first(named("items", word)) for word, name in of_class.items() if not name}
        return ListMapping(
            kind.name, columns, classes=of_class, items={word: item for word, item in parts_of.items() if item}
        )
    kinds = {word: _kind_named(word) for word in _distinct(sheet, "kind")}
    if not sheet.has("kind"):
        kinds = {"": _WITHOUT_KIND.get(kind.name, "preventive")}
    parts = _texts(sheet, "part")
    damages = _texts(sheet, "damage")
    return ListMapping(
        kind.name,
        columns,
        kinds=kinds,
        breakdown={"yes": "critical", "no": "degraded"} if sheet.has("breakdown") else {},
        priority={word: "critical" if word.startswith("1") else "" for word in _distinct(sheet, "priority")},
        parts={code: _first(named("items", f"{text} {code}")) for code, text in parts.items()},
        mechanisms={code: _first(named("mechanisms", f"{text} {code}")) for code, text in damages.items()},
    )


def completed(own: ListMapping, proposed: ListMapping) -> tuple[ListMapping, tuple[str, ...]]:
    """The plant's mapping, the proposal where it is silent; and `table: code` for every code that it did not name."""
    tables: dict[str, Any] = {}
    news: list[str] = []
    for one in fields(ListMapping):
        mine = getattr(own, one.name)
        if one.name in ("list", "cancelled"):
            tables[one.name] = mine
            continue
        offered = {word: meaning for word, meaning in getattr(proposed, one.name).items() if word not in mine}
        tables[one.name] = {**mine, **offered}
        if one.name not in ("columns", "breakdown"):
            news += [f"{one.name}: {word}" for word in offered]
    return ListMapping(**tables), tuple(news)


def read_mapping(path: Path) -> ListMapping | None:
    """The plant's mapping of a source, None while there is none.

    Raises:
        DefinitionError: no TOML, a table or field that does not exist, or a word that is no kind or severity.
    """
    if not path.is_file():
        return None
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DefinitionError(f"{path}: {error}", hint="mend it, or delete it to get a new proposal") from None
    return _checked(document, path)


def write_mapping(path: Path, mapping: ListMapping, source: str) -> None:
    """Keep a proposal, with what may stand in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_toml(mapping, source), encoding="utf-8")


def as_toml(mapping: ListMapping, source: str) -> str:
    """The mapping as its file, each table with a sentence."""
    kind = list_kind(mapping.list)
    lines = [
        f"# How {source} writes {kind.title} ({kind.name}), and what its words mean here.",
        "# Proposed at the first import. Change what is wrong and import the same files again: this file is never overwritten.",
        f"list = {json.dumps(mapping.list)}",
        f"cancelled = {json.dumps(list(mapping.cancelled), ensure_ascii=False)}",
    ]
    for name, help_text in _HELP.items():
        table: Mapping[str, str] = getattr(mapping, name)
        if table:
            lines += ["", "# " + help_text.format(fields=", ".join(kind.fields)), f"[{name}]"]
            lines += [f"{_text(word)} = {_text(meaning)}" for word, meaning in table.items()]
    return "\n".join(lines) + "\n"


def _text(word: str) -> str:
    return json.dumps(word, ensure_ascii=False)  # a JSON string is a TOML string


def _checked(document: dict[str, Any], path: Path) -> ListMapping:
    known = [one.name for one in fields(ListMapping)]
    for key, value in document.items():
        if key not in known:
            near = get_close_matches(key, known, n=1)
            raise DefinitionError(f"{path}: unknown table {key!r}", hint=f"did you mean {near[0]!r}?" if near else "")
        fits = isinstance(value, str) if key == "list" else isinstance(value, list if key == "cancelled" else dict)
        if not fits:
            raise DefinitionError(f"{path}: {key!r} is of the wrong type", hint="delete the file to get a new proposal")
    names = [kind.name for kind in LISTS]
    if document.get("list") not in names:
        raise DefinitionError(f"{path}: 'list' is none of {', '.join(names)}")
    allowed = {"columns": (*list_kind(document["list"]).fields, ""), "kinds": _KINDS}
    allowed |= dict.fromkeys(("breakdown", "priority", "severities"), _SEVERITIES)
    for table, words in allowed.items():
        for word, meaning in document.get(table, {}).items():
            if meaning not in words:
                near = get_close_matches(str(meaning), words, n=1)
                hint = f"did you mean {near[0]!r}?" if near else "one of: " + ", ".join(filter(None, words))
                raise DefinitionError(f"{path}: [{table}] {word!r} = {meaning!r} is unknown", hint=hint)
    values: dict[str, Any] = {key: _texts_of(value) for key, value in document.items() if isinstance(value, dict)}
    if "cancelled" in document:
        values["cancelled"] = tuple(map(str, document["cancelled"]))
    return ListMapping(document["list"], **values)


def translated(words: pd.Series, table: Mapping[str, str], default: str = "") -> pd.Series:
    """Every word by its meaning in a table of the mapping."""
    return pd.Series([table.get(word, default) for word in words.tolist()], index=words.index, dtype="str")


def _texts_of(table: Mapping[str, Any]) -> dict[str, str]:
    return {str(word): str(meaning) for word, meaning in table.items()}


def _distinct(sheet: Sheet, name: str) -> list[str]:
    return sorted({word for word in sheet.cells(name).unique().tolist() if word})


def _texts(sheet: Sheet, name: str) -> dict[str, str]:
    """Every code of a catalogue that says something, with its most frequent text."""
    codes, texts = sheet.cells(name), sheet.cells(f"{name}_text")
    pairs = texts.groupby(codes).agg(lambda words: words.mode().iloc[0]) if len(codes) else texts
    return {str(code): str(text) for code, text in pairs.items() if code and not says_nothing(str(code), str(text))}


def _kind_named(word: str) -> str:
    if word.upper() in _USUAL_KINDS:
        return _USUAL_KINDS[word.upper()]
    low = word.casefold()
    for kind, signs in (
        ("preventive", ("prev", "wart", "maint plan", "vorbeug")),
        ("inspection", ("insp", "prüf", "kalib", "calib")),
        ("failure", ("stör", "break", "malf", "emerg")),
        ("repair", ("corr", "repair", "instand", "repar")),
    ):
        if any(sign in low for sign in signs):
            return kind
    return ""


def _class_named(word: str, classes: Mapping[str, str]) -> str:
    """The class whose name or title the object type resembles: `PUMP`, `Kreiselpumpe`, `VENTILATOR`."""
    low = simple(word)
    fits = [name for name in classes if simple(name) in low or simple(classes[name]) == low]
    if fits:
        return max(fits, key=len)
    german = {"pump": "pump", "verdicht": "compressor", "kompress": "compressor", "ventilat": "fan", "lufter": "fan",
              "geblase": "fan", "blower": "fan"}  # fmt: skip
    return next((name for sign, name in german.items() if sign in low and name in classes), "")


def _first(words: tuple[str, ...]) -> str:
    return words[0] if words else ""
