"""The page `docs/features.md`, written by the kernels themselves: who computes each calculator, how much it needs, where it differs.

`python -m pdm.extraction.features_page > docs/features.md` writes it anew (with tsfresh, whose default settings it tabulates);
a test holds the page to what this gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from pdm.catalogue.asset_class import AssetClass, Channel
from pdm.catalogue.axis import Axis
from pdm.catalogue.feature_set import FeatureSet, Parameters, Window
from pdm.extraction.calculators import CALCULATORS, Output, calculate, has_kernel
from pdm.extraction.parity import DEVIATIONS, KINDS, Deviation, scale_words
from pdm.extraction.sentences import describe_feature

_LONGEST = 210
"""Readings up to which the page looks for the first answer; coefficient 99 of a spectrum needs 198."""

_EXAMPLE = AssetClass(
    "example",
    "Example",
    Axis(),
    (Channel("pressure", "pressure", "bar"),),
    FeatureSet("example", ("pressure",), (Window(duration="24h", every="1h"),)),
)

_HEAD = """# Features: who computes what, and where a value may differ from tsfresh's

Every calculator of tsfresh 0.21 can be asked for under its own name and with its own parameters.
A *kernel* is our own compiled code, held against tsfresh by the tests in `tests/oracle`: |a - b| <= 1e-9 max(|b|, scale).
Whatever has no kernel (`matrix_profile`, functions of your own, parameters that no kernel takes) tsfresh computes in training.
A bundle refuses it by name, because the service that applies a bundle has no tsfresh.

## In Python

```python
import pandas as pd
from pdm import FeatureSet, Window, extract
from tsfresh.feature_extraction import EfficientFCParameters

cycles = pd.date_range("2026-01-01", periods=60, freq="1h", tz="UTC")
readings = pd.DataFrame({"asset": "E-1", "time": cycles, "s2": range(60), "s3": range(60, 0, -1)})
fs = FeatureSet(
    "turbofan",
    channels=("s2", "s3"),
    windows=(Window(rows=30, every=1, min_rows=30),),
    calculators=EfficientFCParameters(),
)
table = extract(readings, fs)

assert table.shape == (60, 2 + 2 * 782)
assert table["s2__mean"].iloc[-1] == 44.5
```

`MinimalFCParameters()` or a dict of your own goes as well, and `per_channel={"s2": {...}}` for single channels.

## When a value is missing

* A reading that is NaN, infinite or of bad quality is left out of its channel's window: a gap never stops the job.
* A window with fewer than `min_rows` values left gives NaN for every calculator.
* *Needs* says from how many values on a calculator answers: two numbers for its first and its last column.
* *Constant* says what becomes of a window whose values are all the same: a number, NaN, or how many of the columns are NaN.
* `linear_trend_timewise` needs the calendar: where a class ages in cycles or running hours, neither tsfresh nor we have such columns.
* `ar_coefficient` has tsfresh's 0 as the last coefficient of a window that is too short for a fit.

## All calculators

*Scale* is what a difference is measured by where the value itself is near zero; counts and yes-or-no must be *exact*.
*Spread* is the window's standard deviation, at most 1 (and 1 for a constant window).
*In words* is what `plantpdm features describe` and the reasons of an alert say of its first column, here of a pressure in bar.

| calculator | columns by default | computed by | needs | constant | scale | differs | in words |
|---|--:|---|---|---|---|---|---|
"""

_TAIL = """
## Where tsfresh is no yardstick

A feature's name is a promise of its value, so tsfresh's definitions stay, odd ones included.
Where its answer is made of rounding errors or depends on the processor, ours is the right one, and has a test of its own.
On such windows only, and in these columns only, the two are not compared.

KINDS
| columns | windows | why |
|---|---|---|
"""

_MORE = """
And everywhere:

* Readings are computed in float64, so small integer types do not overflow.
* A constant window has no spread, whatever rounding says about its mean: its skewness and kurtosis are unknown.
* Autocorrelation does not vanish because a unit makes the variance small.
* A column does not depend on which others are asked for: lag 0 of `partial_autocorrelation` is 1 even when it is asked for alone.

## How overlapping windows share work, and why no bit depends on it

A window's value is a pure function of the window's own rows: a whole table, the newest row alone, a stream and a history that was cut off
agree bit for bit.

* What belongs to a reading or to a chunk of readings (the order of neighbours, a leading digit, a peak, a crossing, the mean of five) is
  worked out once per series and kept by its place; counts are differences of whole numbers, which are exact.
* The sorted copy of a window slides value by value where windows move a little, and is merged with what came where they move by more;
  sorted values are the same whichever way they were sorted.
* Sums are added afresh for every window, eight values at a time and in the same order on every processor. Where windows begin one row
  after the other, eight of them are added up side by side, each in that same order. A running sum, even one of shifted values that is
  rebuilt on a grid, would let rows outside the window decide its last digits.
* A median that is asked for without other order statistics follows its window: one value leaves, one comes, and the median stays or
  moves to the next value in size.
* Transforms (Fourier, Welch, wavelets) take many windows at a time, each row by itself.
* Regressions on earlier values come from sums of products where these keep some eleven digits, else from the columns themselves; which of
  the two is decided by the window alone.

`tests/unit/extraction/test_overlap.py` holds every default column to this, `test_no_peeking.py` and `test_stream_kernels.py` cut
histories and streams.
"""


def features_page(defaults: Mapping[str, Parameters]) -> str:
    """The whole page. defaults: tsfresh's ComprehensiveFCParameters."""
    rows = "".join(_row(name, settings) for name, settings in defaults.items())
    reasons = "".join(f"| `{_plain(d.columns)}` | {d.windows} | {d.reason} |\n" for d in DEVIATIONS)
    kinds = "".join(f"* *{name}*: {kind.words}.\n" for name, kind in KINDS.items())
    return _HEAD + rows + _TAIL.replace("KINDS\n", f"{kinds}\n") + reasons + _MORE


def _row(name: str, settings: Parameters) -> str:
    outputs = [Output(name, item) for item in settings] if settings else [Output(name)]
    if not all(has_kernel(output) for output in outputs):
        return f"| `{name}` | {len(outputs)} | tsfresh | | | | | |\n"
    walk = np.random.default_rng(12).normal(size=_LONGEST).cumsum()
    ends = np.arange(1, _LONGEST + 1)
    answers = ~np.isnan(calculate(walk, np.zeros_like(ends), ends, outputs))
    calm = np.isnan(calculate(np.full(_LONGEST, 5.0), np.array([0]), np.array([_LONGEST]), outputs)[0])
    needs = _span(int(np.argmax(column)) + 1 for column in answers.T if column.any())
    constant = "NaN" if calm.all() else "a number" if not calm.any() else f"{calm.sum()} of {len(calm)} NaN"
    kernel = f"kernel (`{CALCULATORS[name].family}`)"
    differs = "yes" if any(_concerns(deviation, name) for deviation in DEVIATIONS) else ""
    words = describe_feature(outputs[0].name("pressure"), _EXAMPLE).sentence
    return (
        f"| `{name}` | {len(outputs)} | {kernel} | {needs} | {constant} | {scale_words(name)} | {differs} | {words} |\n"
    )


def _span(found: Iterable[int]) -> str:
    counts = sorted(found)
    if not counts:
        return "always NaN"
    return str(counts[0]) if counts[0] == counts[-1] else f"{counts[0]} to {counts[-1]}"


def _concerns(deviation: Deviation, name: str) -> bool:
    return any(part.partition("__")[0] == name for part in deviation.columns.split("|"))


def _plain(columns: str) -> str:
    """A pattern of columns as it can stand in a table."""
    return columns.replace("|", "`, `")


if __name__ == "__main__":
    from tsfresh.feature_extraction.settings import ComprehensiveFCParameters

    print(features_page(ComprehensiveFCParameters()), end="")
