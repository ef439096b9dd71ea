from __future__ import annotations

import multiprocessing
import threading

import pyarrow as pa
import pytest

from pdm.adapters.delta import DeltaHistory
from pdm.checks.history import HISTORY_CHECKS
from pdm.errors import InputError, StoreError
from pdm.testing.history import MemoryHistory
from pdm.testing.writers import append_columns


@pytest.fixture(params=["delta", "memory"])
def history(request, tmp_path):
    return DeltaHistory(tmp_path / "history") if request.param == "delta" else MemoryHistory()


@pytest.mark.parametrize("check", HISTORY_CHECKS, ids=lambda check: check.__name__)
def test_history(check, history):
    check(history)


def test_two_openings_of_one_folder_see_each_others_rows(tmp_path):
    first, second = DeltaHistory(tmp_path), DeltaHistory(tmp_path)
    row = pa.table({"value": [1.0]})

    first.append("things", row)
    second.append("things", row)

    assert first.version("things") == second.version("things") == 1
    assert first.dataset("things").count_rows() == 2


def test_several_threads_append_without_losing_a_row(tmp_path):
    history = DeltaHistory(tmp_path)
    row = pa.table({"value": [1.0]})
    threads = [threading.Thread(target=lambda: [history.append("things", row) for _ in range(5)]) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert history.dataset("things").count_rows() == 20


def test_two_processes_that_make_and_widen_one_table_lose_nothing(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(2)  # at the same instant: each would make the table with its own first column
    writers = [spawn.Process(target=append_columns, args=(tmp_path, name, start)) for name in ("a", "b")]

    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert [writer.exitcode for writer in writers] == [0, 0]
    assert DeltaHistory(tmp_path).dataset("things").count_rows() == 6
    assert len(DeltaHistory(tmp_path).dataset("things").schema.names) == 7


@pytest.mark.parametrize("name", ["../escape", "UPPER", "", "with space", "1st"])
def test_a_table_name_cannot_leave_the_folder(tmp_path, name):
    with pytest.raises(InputError, match="cannot be a table's name"):
        DeltaHistory(tmp_path).append(name, pa.table({"value": [1.0]}))


def test_a_broken_log_is_a_clear_error(tmp_path):
    DeltaHistory(tmp_path).append("things", pa.table({"value": [1.0]}))
    next((tmp_path / "things" / "_delta_log").glob("*.json")).write_text("no json")

    with pytest.raises(StoreError, match="things"):
        DeltaHistory(tmp_path).dataset("things")
