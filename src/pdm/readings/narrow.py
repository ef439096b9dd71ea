"""Files with one value per row (asset, time, channel, value), as historians write them: checked and spread over columns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.errors import InputError
from pdm.readings.cells import to_numbers
from pdm.readings.columns import ColumnPlan, channel_names, nearest_channel, simple, unit_symbol
from pdm.readings.grades import to_grades
from pdm.readings.tables import QUALITY_SUFFIX
from pdm.readings.troubles import Flags, Troubles, spelled
from pdm.units import unit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def take_narrow(
    frame: pd.DataFrame,
    plan: ColumnPlan,
    asset_class: AssetClass,
    head: pd.DataFrame,
    spelling: pd.Series,
    troubles: Troubles,
    delimiter: str,
) -> tuple[pd.DataFrame, Ints]:
    """Rows to store, one column per channel, and how many cells of each row of the file say something.

    head: [n] asset, time (and recorded_at) of each row. spelling: [n] the channel as the file writes it.
    """
    numbers = to_numbers(frame[plan.value or ""], delimiter=delimiter)
    troubles.add(numbers.reasons)
    channels = _channels(spelling, asset_class, troubles)
    values = _units_by_row(frame, plan, asset_class, numbers.values, channels, troubles)
    grades = None
    if plan.quality is not None:
        grades, reasons = to_grades(frame[plan.quality])
        troubles.add(reasons)
    says = ~troubles.away(len(frame)) & ~np.isnan(values)
    return _spread(head, channels, values, grades, says, asset_class), numbers.filled.astype(np.int64)


def _channels(spelling: pd.Series, asset_class: AssetClass, troubles: Troubles) -> Ints:
    """The number of each row's channel, -1 for an unknown one."""
    known, order = channel_names(asset_class), {name: n for n, name in enumerate(asset_class.channel_names)}
    codes, distinct = pd.factorize(spelling)
    numbers = np.array([order.get(known.get(simple(str(word)), ""), -1) for word in distinct], dtype=np.int64)
    found = numbers[codes] if len(distinct) else np.empty(0, dtype=np.int64)
    for n in np.flatnonzero(found < 0).tolist():
        word = str(spelling.iloc[n])
        near = nearest_channel(word, asset_class)
        question = f": did you mean {near!r}?" if near else ""
        troubles.rows[n].append(f"{word!r} is not a channel of {asset_class.name}{question}")
    return found


def _units_by_row(
    frame: pd.DataFrame,
    plan: ColumnPlan,
    asset_class: AssetClass,
    values: Floats,
    channels: Ints,
    troubles: Troubles,
) -> Floats:
    if plan.unit is None:
        return values
    codes, words = pd.factorize(spelled(frame[plan.unit]))
    values = values.copy()
    for number, word in enumerate(words):
        for channel in np.unique(channels[(codes == number) & (channels >= 0)]).tolist():
            rows = (codes == number) & (channels == channel)
            definition = asset_class.channels[channel]
            try:
                values[rows] = converted(values[rows], unit_symbol(str(word)), definition.unit)
            except InputError as error:
                troubles.add(dict.fromkeys(np.flatnonzero(rows).tolist(), error.message))
    return values


def converted(values: Floats, source: str | None, target: str) -> Floats:
    """The vector twin of `pdm.units.convert`; `source` None: they come in the right unit."""
    if source is None or source == target:
        return values
    a, b = unit(source), unit(target)
    if a.quantity != b.quantity:
        raise InputError(f"cannot turn {a.quantity} ({source}) into {b.quantity} ({target})")
    return np.round((values * a.factor + a.offset - b.offset) / b.factor, 9)


def _spread(
    head: pd.DataFrame,
    channels: Ints,
    values: Floats,
    grades: pd.Series | None,
    says: Flags,
    asset_class: AssetClass,
) -> pd.DataFrame:
    """One column per channel. A cell that comes twice keeps both, in rows of their own: the store judges them."""
    kept = head[says].reset_index(drop=True)
    channel, value = channels[says], values[says]
    group = kept.groupby(list(kept.columns), sort=False).ngroup().to_numpy()
    again = pd.Series(group).groupby([group, channel]).cumcount().to_numpy()
    row, _ = pd.factorize(again.astype(np.int64) * (int(group.max(initial=0)) + 1) + group)
    firsts = np.unique(row, return_index=True)[1]
    columns: dict[str, object] = {}
    for number in np.unique(channel).tolist():
        name, mine = asset_class.channels[number].name, channel == number
        spread = np.full(len(firsts), np.nan)
        spread[row[mine]] = value[mine]
        columns[name] = spread
        if grades is not None:
            quality = pd.Series(pd.array([pd.NA], dtype="Int8").repeat(len(firsts)))
            quality.iloc[row[mine]] = grades[says].to_numpy()[mine]
            columns[name + QUALITY_SUFFIX] = quality
    return pd.concat([kept.iloc[firsts].reset_index(drop=True), pd.DataFrame(columns)], axis=1)
