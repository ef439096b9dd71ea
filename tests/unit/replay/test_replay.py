from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from pdm.errors import Conflict, InputError
from pdm.replay.snapshot import snapshot
from pdm.replay.timeline import count, moments
from pdm.testing.history import MemoryHistory

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_both_ends_of_the_interval_are_asked():
    asked = list(moments(START, START + timedelta(days=2), timedelta(days=1)))

    assert asked == [START + timedelta(days=day) for day in range(3)]
    assert count(START, START + timedelta(days=2), timedelta(days=1)) == 3


@pytest.mark.parametrize(("end", "every"), [(START - timedelta(days=1), timedelta(days=1)), (START, timedelta(0))])
def test_an_empty_interval_is_refused(end, every):
    with pytest.raises(InputError, match="nothing to replay"):
        list(moments(START, end, every))


def test_a_snapshot_keeps_its_rows_while_the_history_grows():
    history = MemoryHistory()
    history.append("t", pa.table({"x": [1, 2, 3]}))
    held = snapshot(history, ["t", "missing"], {"t": ds.field("x") > 1})

    history.append("t", pa.table({"x": [4]}))

    assert held.dataset("t").to_table()["x"].to_pylist() == [2, 3]
    assert held.dataset("missing") is None
    assert held.version("t") == 0


def test_a_replay_cannot_write_to_the_history():
    with pytest.raises(Conflict, match="cannot write"):
        snapshot(MemoryHistory(), []).append("t", pa.table({"x": [1]}))
