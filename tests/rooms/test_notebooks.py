"""The notebooks, executed in story order on one simulated plant; committed without outputs."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_without_outputs(path):
    cells = nbformat.read(path, as_version=4).cells

    assert all(
        not cell.get("outputs") and cell.get("execution_count") is None for cell in cells if cell.cell_type == "code"
    )


def test_the_notebooks_run_from_the_first_to_the_last(tmp_path, monkeypatch):
    monkeypatch.setenv("PDM_HOME", str(tmp_path / "plant"))
    monkeypatch.setenv("MPLBACKEND", "Agg")
    for path in NOTEBOOKS:
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(
            notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
        ).execute()
