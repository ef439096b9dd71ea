"""Everything that can be turned on the simulated plant, as data: one TOML file, checked, with no key that nobody reads."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, get_args, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from pdm.errors import DefinitionError

DEFAULT = Path(__file__).parent / "plant.toml"
"""The plant that ships with the package."""

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Rate = Annotated[float, Field(ge=0)]
Range = tuple[float, float]
_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Period:
    """start: first day, local. days: length. test_days: the months at the end, in which the plant changes."""

    start: str
    days: Annotated[int, Field(ge=60)]
    test_days: Annotated[int, Field(ge=14)]
    time_zone: str = "Europe/Berlin"
    lines: Annotated[int, Field(ge=1)] = 4
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


@dataclass(frozen=True)
class Growth:
    """How potential failures grow, and how well the sensors show them; shares of all failures unless said otherwise.

    stepped, arrested: shares of those with a precursor. below_noise, masked, unmeasured: likewise.
    short_interval: share whose P-F interval is shorter than the planning time of its mode.
    infant: share brought about by the maintenance before, within `infant_days`.
    """

    no_precursor: Share
    stepped: Share
    arrested: Share
    short_interval: Share
    infant: Share
    infant_days: Range
    below_noise: Share
    masked: Share
    unmeasured: Share
    below_noise_gain: Share
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


@dataclass(frozen=True)
class Sensors:
    """Faults of sensors, per asset and year by kind, and of the historian per section and year."""

    stuck: Rate
    drift: Rate
    dropout: Rate
    spikes: Rate
    replaced_with_bias: Rate
    unit_changes: Annotated[int, Field(ge=0)]
    outages: Rate
    outage_hours: Range
    clock_slips: Rate
    late_dst_days: Rate
    gap_hours: Range = (2.0, 12.0)
    gaps: Rate = 1.0
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


@dataclass(frozen=True)
class Change:
    """What is new in the test months: a product never seen before, warm cooling water, another feed, a retuned controller."""

    new_grade: Share
    cooling_water_rise: float
    cooling_water_days: Rate
    feed_density: Positive
    retuned_lines: Share
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


@dataclass(frozen=True)
class Incumbent:
    """How the plant is kept today: limits in the control system, rounds, preventive plans.

    answer_hours: from a crossed limit to the repair, when parts are there. ignored: share of true alarms nobody acts on.
    round_days: between operators' rounds. overlook: share of real faults an inspector does not see.
    parts_delayed: share of repairs that wait for parts. plan_skipped, plan_harmful: shares of preventive tasks.
    """

    answer_hours: Range
    ignored: Share
    round_days: Positive
    inspection_days: Positive
    overlook: Share
    parts_delayed: Share
    parts_delay_days: Range
    plan_skipped: Share
    false_alarm_answered: Share
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


@dataclass(frozen=True)
class Records:
    """How people write down what they did; shares of repairs unless said otherwise.

    on_parent: booked on the parent or the sister. code_other, code_wrong: of those recorded. default_start: the malfunction is
    said to have begun when the entry was made. friday: orders closed in a batch on Friday. other_language: of the texts.
    """

    unrecorded: Share
    on_parent: Share
    code_other: Share
    code_wrong: Share
    entry_days: Range
    same_day: Share
    default_start: Share
    friday: Share
    other_language: Share
    other_work_per_year: Rate
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


@dataclass(frozen=True)
class ChannelSettings:
    """A measured quantity: `rated` is its typical value at rated load, `spread` how far sisters differ (share of rated).

    noise: white, per hour. slow, memory: the part nothing explains, correlated from hour to hour. dead_band: of the historian.
    alarm_high, alarm_low: limits in the control system, the same for all sisters.
    """

    name: str
    title: str
    unit: str
    low: float
    high: float
    rated: float
    noise: Rate
    spread: Share = 0.05
    slow: Rate = 0.0
    memory: Annotated[float, Field(ge=0, lt=1)] = 0.97
    dead_band: Rate = 0.0
    role: Literal["condition", "setting", "ambient"] = "condition"
    alarm_high: float | None = None
    alarm_low: float | None = None
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


@dataclass(frozen=True)
class ModeSettings:
    """A way to fail. share: of its class's failures. pf_days, pf_spread: median of the P-F interval and sigma of its logarithm.

    signature: channel -> shift at the failure, at rated load. masked: the same while a control loop compensates.
    seen: probability that an inspector who does not overlook it sees it at full damage.
    """

    name: str
    title: str
    maintainable_item: str
    letters: str
    mechanism: str
    mode: str
    share: Share
    pf_days: Positive
    pf_spread: Rate
    planning_hours: Positive
    parts_hours: Rate
    cost_unplanned: Positive
    cost_planned: Positive
    down_hours: Range
    signature: dict[str, float]
    masked: dict[str, float] = field(default_factory=dict)
    weibull: Positive = 1.8
    seen: Share = 0.5
    part_code: str = ""
    damage_code: str = ""
    damage_text: tuple[str, str] = ("", "")
    found: tuple[tuple[str, str], ...] = ()
    next_step: str = ""
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


@dataclass(frozen=True)
class PlanSettings:
    """A preventive task: on which item, how often, and whether it puts a new one in. text: German, English."""

    maintainable_item: str
    every_days: Positive
    replaces: bool
    hours: Positive
    text: tuple[str, str]
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


@dataclass(frozen=True)
class ClassSettings:
    """A kind of machine. failures: potential failures per asset and year; or `exactly` so many in the whole plant.

    pairs: duty/standby pairs among the assets. export: the historian's shape for this class.
    """

    name: str
    title: str
    described: tuple[str, str]
    prefix: str
    first_number: int
    assets: Annotated[int, Field(ge=0)]
    running_channel: str
    running_above: float
    channel: tuple[ChannelSettings, ...]
    mode: tuple[ModeSettings, ...]
    failures: Rate = 0.0
    exactly: Annotated[int, Field(ge=0)] | None = None
    pairs: Annotated[int, Field(ge=0)] = 0
    weekends_off: Share = 0.0
    export: Literal["wide", "narrow"] = "wide"
    plan: tuple[PlanSettings, ...] = ()
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    def channel_named(self, name: str) -> ChannelSettings:
        """The channel called `name`; `_check` has seen that it exists."""
        return next(channel for channel in self.channel if channel.name == name)


@dataclass(frozen=True)
class PlantSettings:
    """The whole plant."""

    period: Period
    growth: Growth
    sensors: Sensors
    change: Change
    incumbent: Incumbent
    records: Records
    machine: tuple[ClassSettings, ...]
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


def read_settings(path: Path = DEFAULT) -> PlantSettings:
    """The settings of a file.

    Raises:
        DefinitionError: no such file, no TOML, a key that nobody knows, or values that contradict one another.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DefinitionError(f"{path}: {error.strerror}", hint="--settings names a TOML file") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DefinitionError(f"{path}: {error}", hint="this is not TOML yet") from None
    return build_settings(document, name=str(path))


def build_settings(document: dict[str, Any], *, name: str = "settings") -> PlantSettings:
    """The settings of a parsed document.

    Raises:
        DefinitionError: with the key that is wrong, and the nearest one that exists.
    """
    try:
        settings = TypeAdapter(PlantSettings).validate_python(document)
    except ValidationError as error:
        raise _misfit(name, error) from None
    _check(settings, name)
    return settings


def _misfit(name: str, error: ValidationError) -> DefinitionError:
    problems = error.errors()
    first = next(
        (item for item in problems if item["type"] in ("unexpected_keyword_argument", "extra_forbidden")), None
    )
    if first is None:
        where = ".".join(str(part) for part in problems[0]["loc"])
        return DefinitionError(f"{name}: {where}: {problems[0]['msg']}", hint="see plant.toml of the package")
    where = ".".join(str(part) for part in first["loc"])
    near = difflib.get_close_matches(str(first["loc"][-1]), known_keys(PlantSettings), n=1)
    hint = f"did you mean {near[0]!r}?" if near else "see plant.toml of the package"
    return DefinitionError(f"{name}: {where}: nobody knows this key", hint=hint)


def known_keys(kind: type) -> list[str]:
    """Every key that may stand anywhere in the settings, in order: the schema, of which the version is a hash."""
    hints = get_type_hints(kind)
    keys: list[str] = []
    for item in fields(kind):
        keys.append(item.name)
        for part in (hints[item.name], *get_args(hints[item.name])):
            if isinstance(part, type) and is_dataclass(part):
                keys += known_keys(part)
    return keys


def _check(settings: PlantSettings, name: str) -> None:
    period, growth = settings.period, settings.growth
    try:
        ZoneInfo(period.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise DefinitionError(f"{name}: period.time_zone: no zone {period.time_zone!r}") from None
    if period.test_days >= period.days:
        raise DefinitionError(f"{name}: period.test_days: longer than the period itself")
    for pair in (("stepped", "arrested"), ("below_noise", "masked", "unmeasured")):
        if sum(getattr(growth, key) for key in pair) > 1:
            raise DefinitionError(f"{name}: growth: {' + '.join(pair)} is more than all failures")
    if growth.masked >= 1 or growth.infant >= 1:
        raise DefinitionError(f"{name}: growth: masked and infant are shares below 1")
    if settings.records.code_other + settings.records.code_wrong > 1:
        raise DefinitionError(f"{name}: records: code_other + code_wrong is more than all records")
    for machine in settings.machine:
        _check_class(machine, name)


def _check_class(machine: ClassSettings, name: str) -> None:
    channels = {channel.name for channel in machine.channel}
    items = {mode.maintainable_item for mode in machine.mode}
    used = {channel for mode in machine.mode for channel in (*mode.signature, *mode.masked)} | {machine.running_channel}
    if unknown := sorted(used - channels):
        raise DefinitionError(f"{name}: {machine.name}: no channel {', '.join(unknown)}")
    if unknown := sorted({plan.maintainable_item for plan in machine.plan} - items):
        raise DefinitionError(f"{name}: {machine.name}: a plan for {', '.join(unknown)}, which no mode names")
    if 2 * machine.pairs > machine.assets:
        raise DefinitionError(f"{name}: {machine.name}: {machine.pairs} pairs need {2 * machine.pairs} assets")
