"""What the columns of a file mean: which one is the asset, the time, the channels, and in which unit each channel comes.

Names match exactly, then without regard to case, blanks and underscores, by a channel's title, or by the usual other words for asset
and time. A column that looks like nothing is an error with the nearest name, never silently dropped: a misspelt channel would
otherwise be missing for a year before anybody asks.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pdm.catalogue import AssetClass
from pdm.errors import ColumnsError, InputError
from pdm.readings.quarantine import QUARANTINE_COLUMNS
from pdm.readings.tables import QUALITY_SUFFIX
from pdm.units import convert, unit

IGNORE = ""
"""What a mapping says about a column that is to be left out."""

_OTHER_WORDS = {
    "asset": ("assetid", "assetname", "assettag", "machine", "machineid", "equipment", "equipmentid", "tag", "position",
              "functionallocation", "anlage", "maschine", "actif", "equipo"),
    "time": ("timestamp", "datetime", "date", "ts", "timeutc", "utc", "datum", "zeit", "zeitstempel", "datumzeit",
             "horodatage", "fecha", "usage"),
    "channel": ("sensor", "signal", "measurement", "variable", "parameter", "channelname", "messstelle", "kanal"),
    "value": ("reading", "val", "pv", "wert", "messwert", "valeur", "valor"),
    "quality": ("status", "qual", "q", "qualitat", "statut"),
    "unit": ("units", "uom", "engineeringunit", "einheit"),
    "recorded_at": ("recordedat", "knownat", "receivedat", "loadedat"),
}  # fmt: skip

_UNIT_WORDS = {
    "°c": "degC", "c": "degC", "celsius": "degC", "degc": "degC", "°f": "degF", "f": "degF", "fahrenheit": "degF",
    "degf": "degF", "k": "K", "kelvin": "K", "bara": "bar", "psia": "psi", "pct": "%", "percent": "%",
    "1/min": "rpm", "u/min": "rpm", "min-1": "rpm", "µm": "um", "μm": "um", "micron": "um", "m³/h": "m3/h",
    "m^3/h": "m3/h", "m³/s": "m3/s", "m/s²": "m/s2", "m/s^2": "m/s2", "amp": "A", "amps": "A", "volt": "V",
    "nm": "N.m", "hours": "h", "sec": "s", "-": "1", "lpm": "l/min", "ips": "in/s",
}  # fmt: skip

_BRACKETED = re.compile(r"^(?P<name>.*?)\s*[\[(](?P<unit>[^\])]*)[\])]\s*$")


@dataclass(frozen=True)
class Measured:
    """A column that holds a channel, and the unit it comes in (None: the channel's own)."""

    channel: str
    unit: str | None = None


@dataclass(frozen=True)
class ColumnPlan:
    """What each column of a file is. Narrow files have `channel` and `value`, wide ones have `measured`.

    measured: column in the file -> channel. qualities: column in the file -> channel whose quality it holds.
    """

    time: str
    asset: str | None
    recorded_at: str | None = None
    channel: str | None = None
    value: str | None = None
    quality: str | None = None
    unit: str | None = None
    measured: Mapping[str, Measured] = field(default_factory=dict)
    qualities: Mapping[str, str] = field(default_factory=dict)

    @property
    def narrow(self) -> bool:
        return self.value is not None


def plan_columns(
    header: Sequence[str],
    asset_class: AssetClass,
    *,
    name: str = "the file",
    mapping: Mapping[str, str] | None = None,
    asset: str | None = None,
) -> ColumnPlan:
    """Find out what each column is.

    header: names in the file. mapping: column in the file -> `asset`, `time`, `channel`, `value`, `quality`, `recorded_at`, a channel
    (`pressure [psi]` names its unit too) or "" to leave it out; it comes before any matching. asset: all rows belong to this one.

    Raises:
        ColumnsError: all that is wrong with the columns, in one message.
    """
    refuse_unused(mapping or {}, [header])
    meant = _apply(mapping or {}, header)
    roles: dict[str, str] = {}
    measured: dict[str, Measured] = {}
    qualities: dict[str, str] = {}
    wrong: list[str] = []
    narrow = _is_narrow(meant, asset_class)
    for column, word in meant.items():
        if word == IGNORE or column in QUARANTINE_COLUMNS:
            continue
        try:
            found = _recognise(word, asset_class, narrow=narrow)
        except InputError as error:
            wrong.append(str(error))
            continue
        if isinstance(found, Measured):
            _once(found.channel, column, {m.channel: c for c, m in measured.items()}, wrong)
            measured[column] = found
        elif found is not None and found.endswith(QUALITY_SUFFIX):
            qualities[column] = found.removesuffix(QUALITY_SUFFIX)
        elif found is not None:
            _once(found, column, roles, wrong)
            roles[found] = column
        else:
            wrong.append(_unknown(column, asset_class))
    wrong += _missing(roles, measured, narrow=narrow, asset=asset)
    if wrong:
        raise ColumnsError(f"{name}: {'; '.join(wrong)}", hint=_hint(wrong, asset_class))
    return ColumnPlan(roles["time"], roles.get("asset"), roles.get("recorded_at"), roles.get("channel"),
                      roles.get("value"), roles.get("quality"), roles.get("unit"), measured, qualities)  # fmt: skip


def match_roles(
    header: Iterable[str], roles: Mapping[str, Sequence[str]], *, name: str, mapping: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Columns of a table that is not about channels (events, assets): role -> column in the file.

    roles: role -> other words for it.

    Raises:
        ColumnsError: a column is none of the roles, or two columns are the same one.
    """
    words = {simple(word): role for role, others in roles.items() for word in (role, *others)}
    found: dict[str, str] = {}
    wrong: list[str] = []
    for column, word in _apply(mapping or {}, list(header)).items():
        if word == IGNORE or column in QUARANTINE_COLUMNS:
            continue
        role = words.get(simple(word))
        if role is None:
            near = difflib.get_close_matches(simple(word), list(words), n=1)
            wrong.append(f"unknown column {column!r}" + (f": did you mean {words[near[0]]!r}?" if near else ""))
        else:
            _once(role, column, found, wrong)
            found[role] = column
    if wrong:
        raise ColumnsError(
            f"{name}: {'; '.join(wrong)}",
            hint=f'columns: {", ".join(roles)}; leave one out with columns={{"...": ""}}',
        )
    return found


def channel_names(asset_class: AssetClass) -> dict[str, str]:
    """Simplified spellings of a class's channels (names and titles) -> channel."""
    titles = {simple(channel.title): channel.name for channel in asset_class.channels}
    return titles | {simple(name): name for name in asset_class.channel_names}


def simple(name: str) -> str:
    """A name without case, accents, blanks and punctuation.

    >>> simple("Discharge_Pressure ")
    'dischargepressure'
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "", plain)


def split_unit(name: str) -> tuple[str, str | None]:
    """A header without its unit, and the unit in the platform's spelling.

    >>> split_unit("Bearing temperature (°F)")
    ('Bearing temperature', 'degF')
    """
    found = _BRACKETED.match(name)
    if not found or not found["name"]:
        return name, None
    return found["name"], unit_symbol(found["unit"])


def unit_symbol(text: str) -> str | None:
    """The platform's spelling of a unit, None for an empty one.

    Raises:
        InputError: nobody here knows it.
    """
    word = text.strip()
    if not word:
        return None
    for candidate in (word, _UNIT_WORDS.get(word.casefold(), ""), word.lower()):
        try:
            return unit(candidate).symbol
        except InputError:
            continue  # the next spelling may be known
    return unit(word).symbol


def nearest_channel(word: str, asset_class: AssetClass) -> str | None:
    """The channel whose name is most like `word`, when one is."""
    names = channel_names(asset_class)
    near = difflib.get_close_matches(simple(word), list(names), n=1, cutoff=0.7)
    return names[near[0]] if near else None


def _apply(mapping: Mapping[str, str], header: Sequence[str]) -> dict[str, str]:
    """Column -> the word that says what it is, after the sender's own mapping."""
    by_simple = {simple(column): column for column in header}
    meant = {column: column for column in header}
    for column, word in mapping.items():
        target = column if column in meant else by_simple.get(simple(column))
        if target is not None:
            meant[target] = word
    return meant


def _is_narrow(meant: Mapping[str, str], asset_class: AssetClass) -> bool:
    """A value column and a channel column, neither of which is the name of a channel."""
    channels = channel_names(asset_class)
    roles = {_role(word, asset_class) for word in meant.values() if simple(word) not in channels}
    return {"channel", "value"} <= roles


def _role(word: str, asset_class: AssetClass) -> str | None:
    key = simple(word)
    axis = asset_class.axis
    if axis.kind == "usage" and key in {simple(axis.unit), simple(axis.unit).rstrip("s"), "usage"}:
        return "time"
    for role, others in _OTHER_WORDS.items():
        if key == simple(role) or key in others:
            return role
    return None


def _recognise(word: str, asset_class: AssetClass, *, narrow: bool) -> Measured | str | None:
    """A channel with its unit, the role of a column, `<channel>__q` for a quality, or None."""
    channels = channel_names(asset_class)
    if not narrow:
        found = channels.get(simple(word))
        if found:
            return Measured(found)
        quality = re.fullmatch(r"(?P<name>.+?)(?:__q|[ _.]?(?:quality|status))", word.strip(), re.IGNORECASE)
        if quality and simple(quality["name"]) in channels:
            return channels[simple(quality["name"])] + QUALITY_SUFFIX
        bare, symbol = split_unit(word) if simple(_bare(word)) in channels else (word, None)
        if symbol is not None:
            channel = asset_class.channel(channels[simple(bare)])
            convert(1.0, symbol, channel.unit)
            return Measured(channel.name, symbol)
        if simple(bare) in channels:
            return Measured(channels[simple(bare)])
    role = _role(word, asset_class)
    if role in {"channel", "value", "quality", "unit"} and not narrow:
        return None
    return role


def _bare(word: str) -> str:
    found = _BRACKETED.match(word)
    return found["name"] if found else word


def _once(what: str, column: str, taken: Mapping[str, str], wrong: list[str]) -> None:
    if what in taken:
        wrong.append(f"columns {taken[what]!r} and {column!r} both are {what!r}")


def _unknown(column: str, asset_class: AssetClass) -> str:
    near = nearest_channel(_bare(column), asset_class)
    question = f": did you mean {near!r}?" if near else ""
    return f"column {column!r} is not a channel of {asset_class.name}{question}"


def _missing(
    roles: Mapping[str, str], measured: Mapping[str, Measured], *, narrow: bool, asset: str | None
) -> list[str]:
    found = []
    if "asset" not in roles and asset is None:
        found.append("no column says which asset a row is about")
    if "time" not in roles:
        found.append("no column says when")
    if not narrow and not measured:
        found.append("no column is a channel")
    return found


def _hint(wrong: Sequence[str], asset_class: AssetClass) -> str:
    if len(wrong) > 2 and any("no column says" in line for line in wrong):
        return "has the file a header line? needed: asset, time, and channels or channel, value"
    if any("is not a channel" in line for line in wrong):
        return (
            'map it with columns={"...": "<channel>"} or leave it out with columns={"...": ""}; channels: '
            + ", ".join(asset_class.channel_names)
        )
    return "needed: asset, time, and one column per channel, or channel and value"


def refuse_unused(mapping: Mapping[str, str], headers: Sequence[Sequence[str]]) -> None:
    """A mapping may only speak of columns that at least one file has.

    Raises:
        ColumnsError: with the nearest column.
    """
    every = list(dict.fromkeys(column for header in headers for column in header))
    known = {simple(column) for column in every}
    for column in mapping:
        if column not in every and simple(column) not in known:
            near = difflib.get_close_matches(column, every, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "columns in the files: " + ", ".join(every)
            raise ColumnsError(f"no file has the column {column!r} that the mapping speaks of", hint=hint)


def fitting(mapping: Mapping[str, str], header: Sequence[str]) -> dict[str, str]:
    """The part of a mapping that one file can use."""
    known = {simple(column) for column in header}
    return {column: word for column, word in mapping.items() if column in header or simple(column) in known}
