"""Failures counted once."""

import pandas as pd
import pytest

from pdm.readings.failures import once

START = pd.Timestamp("2026-05-01T00:00Z")


def rows(*told):
    return pd.DataFrame(
        [(tag, START + pd.Timedelta(days=day), mode, source) for tag, day, mode, source in told],
        columns=["asset", "time", "failure_mode", "source"],
    )


@pytest.mark.parametrize(
    ("told", "count"),
    [
        ([("P-1", 0, "leak", "sap"), ("P-1", 2, "leak", "verdict"), ("P-1", 3, "", "reported")], 1),
        ([("P-1", 0, "leak", "sap"), ("P-1", 1, "leak", "sap")], 2),
        ([("P-1", 0, "leak", "sap"), ("P-1", 1, "wear", "reported")], 2),
        ([("P-1", 0, "leak", "sap"), ("P-2", 0, "leak", "reported")], 2),
        ([("P-1", 0, "leak", "sap"), ("P-1", 3.1, "leak", "reported")], 2),
        ([], 0),
    ],
)
def test_records_of_different_sources_near_each_other_are_one_failure(told, count):
    assert len(once(rows(*told))) == count


def test_the_earliest_record_stays_with_the_mode_that_any_names():
    (kept,) = once(rows(("P-1", 1, "leak", "sap"), ("P-1", 0, "", "reported"))).to_dict("records")

    assert (kept["time"], kept["failure_mode"]) == (START, "leak")
