"""What a feature says, in words for the people who read an alert: "slope of discharge pressure over the last 24 h, bar per hour"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pdm.catalogue.asset_class import AssetClass
from pdm.extraction.sentence_words import NONE, PER_NATIVE, SPOKEN, UNIT, VIBRATION, unit_after, words_of


@dataclass(frozen=True)
class FeatureSentence:
    """A feature in words.

    sentence: whole, with the unit. channel: "" for features of the life or of events. unit: "" without one. window: `24h`, `30rows` or "".
    """

    sentence: str
    channel: str
    unit: str
    window: str


_LIFE: dict[str, tuple[str, str]] = {
    "life_drift": ("drift of {title} from its own normal at the start of its life", UNIT),
    "life_mean": ("mean of {title} over its life so far", UNIT),
    "life_std": ("standard deviation of {title} over its life so far", UNIT),
    "life_slope": ("slope of {title} over its life so far", PER_NATIVE),
    "ewm_mean": ("recent average of {title} (smoothing {alpha})", UNIT),
}

_UNIT_WORDS = {"h": "hour", "cycles": "cycle"}
_KIND_WORDS = {"error": "errors", "failure": "failures", "repair": "repairs", "preventive": "preventive tasks"}


def describe_feature(name: str, asset_class: AssetClass) -> FeatureSentence:
    """A feature's name in words, with the channel's title and unit.

    A calculator without a sentence of its own is called by its name; a name that follows no pattern is returned as it is.
    """
    axis_unit = _UNIT_WORDS.get(asset_class.axis.unit, asset_class.axis.unit)
    kind, _, rest = name.partition("__")
    if name == "life__age":
        return _sentence("age of the present life", "", asset_class.axis.unit, "")
    if name == "asset__age":
        return _sentence("age of the asset", "", "years", "")
    if name == "asset__run_hours":
        return _sentence("running time so far", "", asset_class.axis.unit, "")
    if rest == "since":
        event, _, key = kind.partition(".")
        last = _spaced(event) if event != "preventive" else "preventive task"
        return _sentence(
            f"time since the last {last}{f' of {_spaced(key)}' if key else ''}", "", asset_class.axis.unit, ""
        )
    if rest.startswith("vibration__"):
        return _of_vibration(kind, rest.removeprefix("vibration__"), asset_class)
    subject, _, window = kind.partition("@")
    if rest == "count":
        event, _, key = subject.partition(".")
        what = f"{_KIND_WORDS.get(event, _spaced(event))}{f' {_spaced(key)}' if key else ''}"
        return FeatureSentence(f"number of {what} in the last {_span(window)}", "", "", window)
    if subject not in asset_class.channel_names:
        return FeatureSentence(name, "", "", window)
    channel = asset_class.channel(subject)
    title, unit = _in_sentence(channel.title), "" if channel.unit == "1" else channel.unit
    calculator, _, text = rest.partition("__")
    parameters = _parameters(text)
    step = axis_unit if asset_class.axis.step == 1.0 else "reading"
    if calculator in _LIFE:
        words, becomes = _LIFE[calculator]
        words = words.format(title=title, alpha=parameters.get("alpha", ""))
        return _sentence(words, subject, unit_after(becomes, unit, parameters, per_native=axis_unit, per_step=step), "")
    window = window or asset_class.feature_set.windows[0].label
    known = words_of(calculator, parameters)
    if known is not None:
        words, becomes = known
        words = re.sub(r"\{(\w+)(:percent)?\}", lambda found: _shown(parameters, found[1], found[2]), words)
        unit = unit_after(becomes, unit, parameters, per_native=axis_unit, per_step=step)
    else:
        details = ", ".join(f"{key} {value}" for key, value in parameters.items())
        words, unit = f"{_spaced(calculator)}{f' ({details})' if details else ''} of", ""
    return _sentence(f"{words} {title} over the last {_span(window)}", subject, unit, window)


def _of_vibration(name: str, part: str, asset_class: AssetClass) -> FeatureSentence:
    """A feature of the newest snapshot of a vibration point."""
    point = next((point for point in asset_class.feature_set.vibration if point.name == name), None)
    where = _in_sentence(point.title) if point and point.title else _spaced(name)
    unit = point.unit if point else ""
    if part.startswith("band_"):
        low, _, high = part.removeprefix("band_").partition("_")
        return _sentence(f"vibration of {where} between {low} and {high} Hz", "", unit, "")
    words, becomes = VIBRATION.get(part, (f"{_spaced(part)} of the vibration of {{where}}", NONE))
    own = {UNIT: str(unit), PER_NATIVE: asset_class.axis.unit}.get(becomes, becomes)
    return _sentence(words.format(where=where), "", own, "")


def _sentence(words: str, channel: str, unit: str, window: str) -> FeatureSentence:
    return FeatureSentence(f"{words}, {unit}" if unit else words, channel, unit, window)


def _parameters(text: str) -> dict[str, str]:
    pairs = (part.rpartition("_") for part in text.split("__") if part)
    return {key: value.strip('"') for key, _, value in pairs}


def _shown(parameters: dict[str, str], key: str, percent: str | None) -> str:
    value = parameters.get(key, "?")
    if percent and value != "?":
        return f"{float(value) * 100:g} %"
    try:
        return SPOKEN.get(key, {}).get(value) or f"{float(value):g}"
    except ValueError:
        return value


def _span(window: str) -> str:
    """`24h` -> `24 h`, `30rows` -> `30 readings`."""
    found = re.fullmatch(r"\s*([\d.]+)\s*(\w*)\s*", window)
    return f"{found[1]} {'readings' if found[2] == 'rows' else found[2]}".strip() if found else window


def _spaced(word: str) -> str:
    return word.replace("_", " ")


def _in_sentence(title: str) -> str:
    """Lower-case the first letter, unless the word is an abbreviation."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]
