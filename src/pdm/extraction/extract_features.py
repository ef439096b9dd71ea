"""tsfresh's `extract_features` for people who come from there: change the import, keep the call.

The same columns in the same order, one row per id. Two things are kinder than there: missing values are left out of their series
instead of refused, and a calculator that cannot answer for a series gives NaN instead of stopping the job.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pdm.catalogue.axis import Axis
from pdm.catalogue.feature_set import Calculators, FeatureSet, Window
from pdm.errors import ColumnsError, InputError, MissingExtra
from pdm.extraction.calculators import calculate
from pdm.extraction.fallback import tsfresh_values
from pdm.extraction.plan import Block, make_plan

if TYPE_CHECKING:
    import pandas as pd

_HINT = "tsfresh's own documentation on data formats applies: https://tsfresh.readthedocs.io/en/latest/text/data_formats.html"


def extract_features(
    timeseries_container: pd.DataFrame | Mapping[str, pd.DataFrame],
    default_fc_parameters: Calculators | None = None,
    kind_to_fc_parameters: Mapping[str, Calculators] | None = None,
    column_id: str | None = None,
    column_sort: str | None = None,
    column_kind: str | None = None,
    column_value: str | None = None,
    chunksize: int | None = None,  # noqa: ARG001  speed needs no chunks here
    n_jobs: int = 1,  # noqa: ARG001  nor processes
    show_warnings: bool = False,  # noqa: ARG001  there are none
    disable_progressbar: bool = False,  # noqa: ARG001  it is over too soon
    impute_function: Callable[[pd.DataFrame], Any] | None = None,
    profile: bool = False,
    profiling_filename: str = "profile.txt",  # noqa: ARG001  goes with `profile`
    profiling_sorting: str = "cumulative",  # noqa: ARG001  goes with `profile`
    distributor: object | None = None,
    pivot: bool = True,
) -> pd.DataFrame:
    """Features of every series: one row per id (the index), columns as tsfresh names and orders them, in float64.

    timeseries_container: a flat frame (one column per kind), a stacked frame (`column_kind`, `column_value`), or a dict of frames.
    default_fc_parameters, kind_to_fc_parameters: tsfresh settings; with neither, its ComprehensiveFCParameters.
    column_id, column_sort, column_kind, column_value: as in tsfresh. An index of timestamps is the clock of `linear_trend_timewise`.
    chunksize, n_jobs, show_warnings, disable_progressbar: taken and not needed. impute_function: called with the result.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"id": [1, 1, 2, 2], "t": [0, 1, 0, 1], "p": [1.0, 3.0, 5.0, 5.0]})
    >>> extract_features(frame, {"mean": None, "maximum": None}, column_id="id", column_sort="t")
       p__mean  p__maximum
    1      2.0         3.0
    2      5.0         5.0

    Raises:
        ColumnsError: a column is missing.
        InputError: profile, distributor or pivot=False; data in no form that tsfresh takes; parameters that nobody knows.
        MissingExtra: tsfresh's default settings, or a calculator without a kernel, and no tsfresh.
    """
    import pandas as pd

    _refuse(profile=profile, distributor=distributor, pivot=pivot)
    if default_fc_parameters is None:
        default_fc_parameters = _comprehensive() if kind_to_fc_parameters is None else {}
    kinds = list(_kinds(timeseries_container, column_id, column_sort, column_kind, column_value))
    per_kind = dict(kind_to_fc_parameters or {})
    parts = []
    for kind in kinds:
        features = FeatureSet(kind.name, (kind.name,), (Window(rows=1),), default_fc_parameters, per_kind)
        plan = make_plan(features, Axis() if kind.ticks is not None else Axis("usage", 1.0, "rows"))
        matrix = np.empty((len(kind.ids), len(plan.names)))
        for block in plan.blocks:
            _fill(kind, block, matrix)
        parts.append(pd.DataFrame(matrix, index=kind.ids, columns=list(plan.names)))
    table = pd.concat(parts, axis=1).sort_index() if parts else pd.DataFrame()
    table.index.name = None
    if impute_function is not None:
        impute_function(table)
    return table


@dataclass(frozen=True)
class _Kind:
    """All series of one kind, one after the other. ids: of each series, ascending. ticks: microseconds, where there is a clock."""

    name: str
    ids: pd.Index
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    ticks: npt.NDArray[np.int64] | None


def _fill(kind: _Kind, block: Block, matrix: npt.NDArray[np.float64]) -> None:
    usable = np.isfinite(kind.values)
    before = np.concatenate([[0], np.cumsum(usable)])
    starts, ends = before[kind.starts], before[kind.ends]
    values, ticks = kind.values[usable], None if kind.ticks is None else kind.ticks[usable]
    if block.outputs:
        matrix[:, list(block.columns)] = calculate(values, starts, ends, block.outputs, ticks=ticks)
    if block.slow:
        places = np.arange(len(values)) if ticks is None else ticks
        matrix[:, list(block.slow_columns)] = tsfresh_values(
            values, places, starts, ends, block.slow, min_rows=1, calendar=ticks is not None
        )


def _kinds(
    container: object, key: str | None, sort: str | None, kind: str | None, value: str | None
) -> Iterator[_Kind]:
    """One after the other in the order in which tsfresh meets them."""
    import pandas as pd

    if key is None:
        raise InputError("column_id is needed: the column that says which rows belong together", hint=_HINT)
    if isinstance(container, Mapping):
        if value is None:
            raise InputError("a dict of frames needs column_value", hint=_HINT)
        _check_names(list(container))
        for name, frame in container.items():
            yield _series(str(name), _ordered(frame, key, sort, value), key, value)
    elif not isinstance(container, pd.DataFrame):
        raise InputError(f"a {type(container).__name__} is neither a pandas frame nor a dict of frames", hint=_HINT)
    elif kind is None:
        frame = _ordered(container, key, sort, *([value] if value else []))
        names = [value] if value else [name for name in frame.columns if name not in (key, sort)]
        _check_names(names)
        for name in names:
            yield _series(str(name), frame, key, name)
    else:
        rest = [name for name in container.columns if name not in (key, sort, kind)]
        if value is None and len(rest) != 1:
            raise InputError(
                f"which column holds the values: {', '.join(map(str, rest))}?", hint="name it by column_value"
            )
        value = value or rest[0]
        frame = _ordered(container, key, sort, kind, value)
        for name in frame[[key, kind]].drop_duplicates().sort_values([key, kind])[kind].unique():
            yield _series(str(name), frame[frame[kind] == name], key, value)


def _ordered(frame: pd.DataFrame, key: str, sort: str | None, *others: str) -> pd.DataFrame:
    """Rows by id, then by the sort column, else as they came."""
    columns = [key, *([sort] if sort else []), *others]
    if missing := [name for name in columns if name not in frame]:
        raise ColumnsError(
            f"there is no column {', '.join(missing)}", hint="there are " + ", ".join(map(str, frame.columns))
        )
    for name in columns[: 2 if sort else 1]:
        if frame[name].isna().any():
            raise InputError(
                f"column {name} has missing values, so it is unknown which series these rows belong to, or where"
            )
    return frame.rename_axis(index=None).sort_values([key, sort] if sort else [key], kind="stable")


def _series(name: str, frame: pd.DataFrame, key: str, value: str) -> _Kind:
    import pandas as pd

    try:
        values = frame[value].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(f"column {value} does not hold numbers: {error}", hint=_HINT) from None
    codes, ids = pd.factorize(frame[key])
    cuts = np.flatnonzero(np.diff(codes)) + 1
    starts = np.concatenate([[0], cuts]).astype(np.int64)[: len(ids)]
    ends = np.concatenate([cuts, [len(values)]]).astype(np.int64)[: len(ids)]
    index = frame.index
    ticks = index.as_unit("us").asi8 if isinstance(index, pd.DatetimeIndex) else None
    return _Kind(name, pd.Index(ids), starts, ends, values, ticks)


def _check_names(names: list[Any]) -> None:
    """Names that tsfresh refuses, because a feature's name could not be taken apart again."""
    if wrong := [str(name) for name in names if str(name).endswith("_") or "__" in str(name)]:
        raise InputError(f"a kind may neither end with _ nor contain __: {', '.join(wrong)}", hint="rename the column")


def _refuse(*, profile: bool, distributor: object | None, pivot: bool) -> None:
    if profile:
        raise InputError("profile is not supported", hint="any profiler can watch this call: python -m cProfile")
    if distributor is not None:
        raise InputError(
            "distributor is not supported", hint="leave it out; for many machines see the executors of pdm.extraction"
        )
    if not pivot:
        raise InputError("pivot=False is not supported", hint="call table.stack() on the answer")


def _comprehensive() -> Calculators:
    try:
        from tsfresh.feature_extraction.settings import ComprehensiveFCParameters
    except ImportError:
        raise MissingExtra("train", "tsfresh's default settings") from None
    settings: Calculators = ComprehensiveFCParameters()
    return settings
