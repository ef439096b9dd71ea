"""Numbers as people say them: lengths, bands, risks, ages and moments. Pages, the API and work requests read the same way."""

from __future__ import annotations

from datetime import datetime, timedelta

from pdm.catalogue import Axis, ModelDefinition, Target
from pdm.clock import in_zone
from pdm.scoring.assessment import RemainingLife, Risk

NO_VALUE = "–"
_HOURS_UNTIL = 72.0
_UNNAMED = {"unspecified": "failure", "": "failure"}


def number(value: float) -> str:
    """A value with as many digits as anyone reads.

    >>> number(7.2849), number(1480.2), number(0.0)
    ('7.28', '1480', '0')
    """
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percent(probability: float) -> str:
    """A probability; never a certainty that no model has.

    >>> percent(0.734), percent(0.004), percent(0.999)
    ('73 %', 'under 1 %', 'over 99 %')
    """
    if probability < 0.01:
        return "under 1 %"
    return "over 99 %" if probability > 0.99 else f"{probability * 100:.0f} %"


def plural(count: float, word: str) -> str:
    """`1 day`, `12 days`; units that are plural already stay as they are.

    >>> plural(1, "day"), plural(12, "day"), plural(30, "cycles")
    ('1 day', '12 days', '30 cycles')
    """
    text = f"{count:.0f}"
    if text == "1":
        return f"1 {word.removesuffix('s')}"
    return f"{text} {word if word.endswith('s') else word + 's'}"


def length(native: float, axis: Axis) -> str:
    """A length along a class's axis: hours below three days, else days; on a counter its own unit.

    >>> length(5, Axis()), length(336, Axis()), length(30, Axis("usage", 1.0, "cycles", 4.0))
    ('5 hours', '14 days', '30 cycles')
    """
    if axis.kind == "usage":
        return plural(native, axis.unit)
    return plural(native, "hour") if native < _HOURS_UNTIL else plural(native / 24, "day")


def horizon(native: float, axis: Axis) -> str:
    """A horizon, short: `24 h`, `14 d`, `30 cycles`.

    >>> horizon(336, Axis()), horizon(24, Axis())
    ('14 d', '24 h')
    """
    if axis.kind == "usage":
        return plural(native, axis.unit)
    return f"{native:.0f} h" if native < _HOURS_UNTIL else f"{native / 24:.0f} d"


def band(life: RemainingLife | None, axis: Axis) -> str:
    """Remaining life as a band, never as a bare point; with the calendar beside it where a counter is the native unit.

    >>> band(RemainingLife(480.0, 288.0, 744.0, "h"), Axis())
    '12–31 days'
    >>> band(RemainingLife(1080.0, 1080.0, 1080.0, "h", at_cap=True), Axis())
    'more than 45 days'
    >>> band(RemainingLife(1080.0, 0.0, 1080.0, "h", at_cap=True), Axis())
    'nothing to more than 45 days'
    >>> band(RemainingLife(480.0, 120.0, 1080.0, "h", open_end=True), Axis())
    '5 to more than 45 days'
    >>> band(RemainingLife(50.0, 37.0, 62.0, "cycles"), Axis("usage", 1.0, "cycles", 4.0))
    '37–62 cycles (about 9–16 days)'
    """
    if life is None:
        return NO_VALUE
    if life.at_cap:
        if (
            life.low <= 0
        ):  # it may fail at any moment, although it will rather not: "more than 0 hours" would say nothing
            return f"nothing to more than {length(life.median, axis)}"
        return f"more than {length(life.low, axis)}"
    if life.open_end:
        scale = 24.0 if axis.kind == "time" and life.high >= _HOURS_UNTIL else 1.0
        return f"{life.low / scale:.0f} to more than {length(life.high, axis)}"
    if axis.kind == "usage":
        return f"{_span(life.low, life.high, axis.unit)} (about {_span(life.low / axis.per_day, life.high / axis.per_day, 'day')})"
    if life.high < _HOURS_UNTIL:
        return _span(life.low, life.high, "hour")
    return _span(life.low / 24, life.high / 24, "day")


def mode_title(mode: str, model: ModelDefinition | None) -> str:
    """A failure mode by the title that the catalogue gives it, else by its key in plain letters."""
    if mode in _UNNAMED:
        return _UNNAMED[mode]
    titles = {item.name: item.title for item in model.failure_modes} if model else {}
    return titles.get(mode, mode.replace("_", " "))


def risk(value: Risk | None, axis: Axis, model: ModelDefinition | None) -> str:
    """The risk with its named horizon.

    >>> risk(Risk("bearing_wear", 336.0, "h", 0.73), Axis(), None)
    'bearing wear 73 % within 14 d'
    """
    if value is None:
        return NO_VALUE
    said = f"{mode_title(value.mode, model)} {percent(value.probability)} within {horizon(value.horizon, axis)}"
    return f"{said}, not shown to be predictable with these sensors: no alert rests on it" if value.abstained else said


def question(target: Target, axis: Axis, model: ModelDefinition | None) -> str:
    """What a target asks: `bearing wear within 14 d`, `remaining life until bearing wear, up to 45 days`."""
    titles = [mode_title(mode, model) for mode in target.modes]
    what = " or ".join(f"{title[:1].lower()}{title[1:]}" for title in titles)
    if target.kind == "failure_within":
        return f"{what} within {horizon(target.horizon, axis)}"
    return f"remaining life until {what}, up to {length(target.cap, axis)}"


def readable(text: str, axis: Axis, model: ModelDefinition | None) -> str:
    """A sentence with the names of targets replaced by what they ask."""
    for target in sorted(model.targets if model else (), key=lambda one: -len(one.name)):
        text = text.replace(target.name, question(target, axis, model))
    return text


def ago(moment: datetime | None, now: datetime) -> str:
    """How old something is.

    >>> from datetime import UTC
    >>> ago(datetime(2026, 1, 1, 9, tzinfo=UTC), datetime(2026, 1, 1, 12, tzinfo=UTC))
    '3 hours ago'
    """
    if moment is None:
        return "never"
    age = now - moment
    if age < timedelta(seconds=-60):
        return f"in {_rough(-age)}"
    return "just now" if age < timedelta(seconds=90) else f"{_rough(age)} ago"


def when(moment: datetime | None, zone: str) -> str:
    """A moment on the plant's clock: `21 Nov 2026, 14:05`."""
    return f"{day(moment, zone)}, {in_zone(moment, zone):%H:%M}" if moment else NO_VALUE


def day(moment: datetime | None, zone: str) -> str:
    """A date on the plant's calendar: `21 Nov 2026`."""
    if moment is None:
        return NO_VALUE
    local = in_zone(moment, zone)
    return f"{local.day} {local:%b %Y}"


def money(amount: float, currency: str) -> str:
    """An amount, without cents.

    >>> money(24000, "EUR")
    '24 000 EUR'
    """
    return f"{amount:,.0f} {currency}".replace(",", " ")


def _rough(age: timedelta) -> str:
    minutes = age.total_seconds() / 60
    if minutes < 90:
        return plural(minutes, "minute")
    if minutes < 60 * 48:
        return plural(minutes / 60, "hour")
    return plural(minutes / 1440, "day")


def _span(low: float, high: float, unit: str) -> str:
    first, last = f"{low:.0f}", f"{high:.0f}"
    return plural(high, unit) if first == last else f"{first}–{plural(high, unit)}"
