"""The turbofan definition as it ships, on NASA's own engines."""

import pandas as pd
import pytest

from pdm.catalogue.load import load_class
from pdm.extraction import extract
from pdm.workspace import bundled_room

COLUMNS = ["engine", "time", "op1", "op2", "op3", *(f"s{number}" for number in range(1, 22))]


@pytest.mark.data
def test_short_and_long_engines_all_have_a_newest_row_that_equals_the_last_of_all(public_data):
    file = public_data / "cmapss" / "test_FD001.txt.gz"
    if not file.is_file():
        pytest.skip(f"{file} is not there")
    readings = pd.read_csv(file, sep=r"\s+", header=None, names=COLUMNS, dtype={"time": float})
    readings["asset"] = "FD001-test-" + readings["engine"].astype(str).str.zfill(3)
    turbofan = load_class(bundled_room("features") / "turbofan.toml")

    whole = extract(readings, turbofan.feature_set, axis=turbofan.axis)
    newest = extract(readings, turbofan.feature_set, axis=turbofan.axis, only_last=True)

    assert len(whole) == len(readings)
    last = whole.groupby("asset", as_index=False).tail(1).reset_index(drop=True)
    pd.testing.assert_frame_equal(newest, last, check_exact=True)
    assert len(newest) == 100
    assert newest.drop(columns=["asset", "time"]).notna().all(axis=None)
