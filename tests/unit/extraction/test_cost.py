"""What the columns of a feature set cost is told for every one of them, those of channels that hold their value included."""

import pytest

from pdm.catalogue import Axis, FeatureSet, Window
from pdm.extraction.cost import calculator_costs

CALCULATORS = {"mean": None, "maximum": None, "count_above": [{"t": 1.0}, {"t": 2.0}]}


@pytest.mark.parametrize(
    ("axis", "window", "rows"),
    [
        (Axis(), Window(duration="24h", every="6h"), 24),
        (Axis(), Window(rows=12), 12),
        (Axis("usage", 1.0, "cycles", 4.0), Window(duration="30 cycles", every="10 cycles"), 30),
    ],
)
def test_time_weighted_columns_are_timed_beside_the_others(axis, window, rows):
    features = FeatureSet("valve", ("flow", "position"), (window,), CALCULATORS, held=("position",))

    costs = calculator_costs(features, axis, windows=40)

    assert {(cost.calculator, cost.columns) for cost in costs} == {
        ("mean", 1),
        ("maximum", 1),
        ("count_above", 2),
        ("time_weighted_mean", 1),
        ("time_weighted_count_above", 2),
    }
    assert {(cost.rows, cost.by) for cost in costs} == {(rows, "kernel")}
    assert all(cost.microseconds > 0 for cost in costs)


def test_what_is_timed_is_what_is_computed():
    """A level that moves with every reading is all pieces: more readings within a window take longer."""
    features = FeatureSet(
        "valve", ("position",), (Window(rows=8), Window(rows=800)), {"mean": None}, held=("position",)
    )

    short, long = sorted(calculator_costs(features, Axis(), windows=300), key=lambda cost: cost.rows)

    assert long.microseconds > 3 * short.microseconds
