"""What a feature says, in words for the people who read an alert: "slope of discharge pressure over the last 24 h, bar per hour"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pdm.catalogue.asset_class import AssetClass

_UNIT, _SQUARED, _PER_STEP, _SHARE, _COUNT, _NONE = "unit", "squared", "per step", "share", "count", ""


@dataclass(frozen=True)
class FeatureSentence:
    """A feature in words.

    sentence: whole, with the unit. channel: "" for features of the life or of events. unit: "" without one. window: `24h`, `30rows` or "".
    """

    sentence: str
    channel: str
    unit: str
    window: str


# calculator -> (words, what becomes of the channel's unit); {x} stands for a parameter
_WORDS: dict[str, tuple[str, str]] = {
    "sum_values": ("sum of", _UNIT),
    "median": ("median of", _UNIT),
    "mean": ("mean of", _UNIT),
    "length": ("number of readings of", _COUNT),
    "standard_deviation": ("standard deviation of", _UNIT),
    "variance": ("variance of", _SQUARED),
    "root_mean_square": ("root mean square of", _UNIT),
    "maximum": ("maximum of", _UNIT),
    "minimum": ("minimum of", _UNIT),
    "absolute_maximum": ("largest absolute value of", _UNIT),
    "quantile": ("{q:percent} quantile of", _UNIT),
    "skewness": ("skewness of", _NONE),
    "kurtosis": ("kurtosis (weight of the tails) of", _NONE),
    "abs_energy": ("sum of squares of", _SQUARED),
    "mean_change": ("mean step of", _UNIT),
    "mean_abs_change": ("mean absolute step of", _UNIT),
    "absolute_sum_of_changes": ("sum of absolute steps of", _UNIT),
    "mean_second_derivative_central": ("mean curvature of", _UNIT),
    "variation_coefficient": ("relative spread of", _NONE),
    "count_above_mean": ("readings above their mean of", _COUNT),
    "count_below_mean": ("readings below their mean of", _COUNT),
    "count_above": ("share of readings at or above {t} of", _SHARE),
    "count_below": ("share of readings at or below {t} of", _SHARE),
    "range_count": ("readings from {min} to {max} of", _COUNT),
    "value_count": ("readings equal to {value} of", _COUNT),
    "number_crossing_m": ("crossings of {m} by", _COUNT),
    "number_peaks": ("peaks (support {n}) of", _COUNT),
    "autocorrelation": ("autocorrelation at lag {lag} of", _NONE),
    "cid_ce": ("complexity of", _NONE),
    "c3": ("non-linearity (lag {lag}) of", _NONE),
    "ratio_beyond_r_sigma": ("share of readings beyond {r} standard deviations of", _SHARE),
    "large_standard_deviation": ("whether the spread exceeds {r} of the range of", _NONE),
    "longest_strike_above_mean": ("longest run above the mean of", _COUNT),
    "longest_strike_below_mean": ("longest run below the mean of", _COUNT),
    "first_location_of_maximum": ("where the first maximum lies in", _SHARE),
    "last_location_of_maximum": ("where the last maximum lies in", _SHARE),
    "first_location_of_minimum": ("where the first minimum lies in", _SHARE),
    "last_location_of_minimum": ("where the last minimum lies in", _SHARE),
    "linear_trend.slope": ("slope of", _PER_STEP),
    "linear_trend.intercept": ("start of the straight line through", _UNIT),
    "linear_trend.rvalue": ("straightness (correlation with time) of", _NONE),
    "linear_trend.stderr": ("uncertainty of the slope of", _PER_STEP),
    "linear_trend.pvalue": ("probability that chance explains the slope of", _NONE),
    "linear_trend_timewise.slope": ("slope of", "per hour"),
}

_LIFE: dict[str, tuple[str, str]] = {
    "life_drift": ("drift of {title} from its own normal at the start of its life", _UNIT),
    "life_mean": ("mean of {title} over its life so far", _UNIT),
    "life_std": ("standard deviation of {title} over its life so far", _UNIT),
    "life_slope": ("slope of {title} over its life so far", "per native"),
    "ewm_mean": ("recent average of {title} (smoothing {alpha})", _UNIT),
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
    if calculator in _LIFE:
        words, becomes = _LIFE[calculator]
        words = words.format(title=title, alpha=parameters.get("alpha", ""))
        return _sentence(words, subject, _derived(unit, becomes, axis_unit, 1.0), "")
    window = window or asset_class.feature_set.windows[0].label
    key = f"{calculator}.{parameters['attr']}" if f"{calculator}.{parameters.get('attr')}" in _WORDS else calculator
    if key in _WORDS:
        words, becomes = _WORDS[key]
        words = re.sub(r"\{(\w+)(:percent)?\}", lambda found: _shown(parameters, found[1], found[2]), words)
        unit = _derived(unit, becomes, axis_unit, asset_class.axis.step)
    else:
        details = ", ".join(f"{key} {value}" for key, value in parameters.items())
        words, unit = f"{_spaced(calculator)}{f' ({details})' if details else ''} of", ""
    return _sentence(f"{words} {title} over the last {_span(window)}", subject, unit, window)


def _sentence(words: str, channel: str, unit: str, window: str) -> FeatureSentence:
    return FeatureSentence(f"{words}, {unit}" if unit else words, channel, unit, window)


def _derived(unit: str, becomes: str, axis_unit: str, step: float) -> str:
    """A slope of tsfresh's is per reading, which is per hour or cycle when readings are one apart."""
    per = {"per step": axis_unit if step == 1.0 else "reading", "per native": axis_unit, "per hour": "hour"}
    if becomes in per:
        return f"{unit or '1'} per {per[becomes]}"
    return {_UNIT: unit, _SQUARED: f"{unit}²" if unit else ""}.get(becomes, "")


def _parameters(text: str) -> dict[str, str]:
    pairs = (part.rpartition("_") for part in text.split("__") if part)
    return {key: value.strip('"') for key, _, value in pairs}


def _shown(parameters: dict[str, str], key: str, percent: str | None) -> str:
    value = parameters.get(key, "?")
    return f"{float(value) * 100:g} %" if percent and value != "?" else value


def _span(window: str) -> str:
    """`24h` -> `24 h`, `30rows` -> `30 readings`."""
    found = re.fullmatch(r"\s*([\d.]+)\s*(\w*)\s*", window)
    return f"{found[1]} {'readings' if found[2] == 'rows' else found[2]}".strip() if found else window


def _spaced(word: str) -> str:
    return word.replace("_", " ")


def _in_sentence(title: str) -> str:
    """Lower-case the first letter, unless the word is an abbreviation."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]
