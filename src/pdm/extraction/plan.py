"""What a feature set comes down to: its columns, in order, and which kernel or tsfresh calculator fills each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pdm.catalogue.axis import Axis
from pdm.catalogue.feature_set import Calculators, FeatureSet, Parameters, Window
from pdm.extraction.calculators import CALCULATORS, Output, has_kernel
from pdm.extraction.event_features import event_names
from pdm.extraction.fallback import Calculate, tsfresh_names
from pdm.extraction.held import TIME_WEIGHTED, weighted_outputs
from pdm.extraction.life import life_names
from pdm.extraction.scale import Scale
from pdm.extraction.snapshots import snapshot_names


@dataclass(frozen=True)
class Block:
    """The columns of one channel over one window: those with kernels, and those that tsfresh computes.

    outputs, columns: kernels and where each writes. slow: (calculator, parameters, width), with `slow_columns`.
    held, held_columns: the time-weighted ones.
    """

    channel: str
    window: int
    min_rows: int
    outputs: tuple[Output, ...]
    columns: tuple[int, ...]
    slow: tuple[tuple[Calculate, Parameters, int], ...]
    slow_columns: tuple[int, ...]
    held: tuple[Output, ...] = ()
    held_columns: tuple[int, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A feature set on one axis, ready to be carried out asset by asset.

    names: the features' columns, in order; the first ones come from `blocks`, then life, events and vibration.
    """

    feature_set: FeatureSet
    scale: Scale
    names: tuple[str, ...]
    blocks: tuple[Block, ...]

    @property
    def width_of_windows(self) -> int:
        """How many columns come from windows: those of life and events follow."""
        return sum(len(block.columns) + len(block.slow_columns) + len(block.held_columns) for block in self.blocks)


def make_plan(feature_set: FeatureSet, axis: Axis) -> Plan:
    """Settle every column before any reading is touched.

    Raises:
        MissingExtra: a calculator has no kernel and tsfresh is not installed.
        InputError: a calculator that tsfresh does not know, or parameters that it refuses.
    """
    scale = Scale(axis)
    names: list[str] = []
    blocks = []
    slow_names: dict[tuple[str, str], list[str]] = {}
    alike: dict[tuple[int, bool], tuple[Output, ...]] = {}
    for channel in feature_set.channels:
        for place, window in enumerate(feature_set.windows):
            calculators = feature_set.calculators_of(channel)
            kind = feature_set.kind(channel, window)
            held = channel in feature_set.held
            block = _block(channel, place, window, kind, calculators, names, slow_names, scale.calendar, held=held)
            # One tuple for channels with the same calculators: what is known of it by its identity serves them all.
            blocks.append(replace(block, outputs=alike.setdefault((id(calculators), held), block.outputs)))
    if feature_set.life:
        names += life_names(feature_set.life, feature_set.channels)
    if feature_set.events:
        names += event_names(feature_set.events)
    names += snapshot_names(feature_set.vibration)
    return Plan(feature_set, scale, tuple(names), tuple(blocks))


def feature_names(feature_set: FeatureSet, axis: Axis | None = None) -> tuple[str, ...]:
    """All feature columns of a feature set, in the order of the feature table.

    >>> feature_names(FeatureSet("f", ("p",), (Window(rows=30),), {"mean": None, "quantile": [{"q": 0.9}]}))
    ('p__mean', 'p__quantile__q_0.9')
    """
    return make_plan(feature_set, axis or Axis()).names


def without_kernel(feature_set: FeatureSet) -> tuple[str, ...]:
    """Calculators of a feature set that only tsfresh can compute, so that no bundle may need them: the service has no tsfresh.

    >>> without_kernel(FeatureSet("f", ("p",), (Window(rows=30),), {"mean": None, "matrix_profile": [{"threshold": 0.98}]}))
    ('matrix_profile',)
    """
    tables = (feature_set.calculators_of(channel) for channel in feature_set.channels)
    found: dict[Calculate, None] = {}
    for calculator, parameters in (item for table in tables for item in table.items()):
        if weighted_outputs(calculator, parameters) is None and _wanted(calculator, parameters, calendar=True) is None:
            found[calculator] = None
    return tuple(name if isinstance(name, str) else getattr(name, "__name__", str(name)) for name in found)


def _block(
    channel: str,
    place: int,
    window: Window,
    kind: str,
    calculators: Calculators,
    names: list[str],
    slow_names: dict[tuple[str, str], list[str]],
    calendar: bool,
    *,
    held: bool,
) -> Block:
    outputs: list[Output] = []
    columns: list[int] = []
    slow: list[tuple[Calculate, Parameters, int]] = []
    slow_columns: list[int] = []
    weighted: list[Output] = []
    weighted_columns: list[int] = []
    for given, parameters in calculators.items():
        calculator = TIME_WEIGHTED.get(given, given) if held and isinstance(given, str) else given
        found = weighted_outputs(calculator, parameters)
        if found is not None:
            found = [output for output in found if output not in weighted]
            weighted_columns += range(len(names), len(names) + len(found))
            names += [output.name(kind) for output in found]
            weighted += found
            continue
        wanted = _wanted(calculator, parameters, calendar=calendar)
        if wanted is not None:
            columns += range(len(names), len(names) + len(wanted))
            names += [output.name(kind) for output in wanted]
            outputs += wanted
            continue
        key = (str(calculator), repr(parameters))
        if key not in slow_names:
            slow_names[key] = tsfresh_names(calculator, parameters, calendar=calendar)
        slow.append((calculator, parameters, len(slow_names[key])))
        slow_columns += range(len(names), len(names) + len(slow_names[key]))
        names += [f"{kind}__{name}" for name in slow_names[key]]
    return Block(
        channel,
        place,
        window.min_rows,
        tuple(outputs),
        tuple(columns),
        tuple(slow),
        tuple(slow_columns),
        tuple(weighted),
        tuple(weighted_columns),
    )


def _wanted(calculator: Calculate, parameters: Parameters, *, calendar: bool) -> list[Output] | None:
    """The outputs of a calculator when kernels can give all of them, else None."""
    if not isinstance(calculator, str):
        return None
    settings: list[Mapping[str, Any] | None] = list(parameters) if parameters else [None]
    outputs = [Output(calculator, item) for item in settings]
    if not all(has_kernel(output) for output in outputs):
        return None
    return [] if CALCULATORS[calculator].timewise and not calendar else outputs
