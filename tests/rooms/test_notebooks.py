"""The notebooks, executed in story order on one simulated plant; committed without outputs."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
EMPTY = "%reset -f\nimport matplotlib.pyplot\nmatplotlib.pyplot.close('all')\n%reset -f"

# One test of some ninety seconds of processor time: on a crowded machine it takes longer than the five minutes of any other.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.filterwarnings("default")]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_without_outputs(path):
    cells = nbformat.read(path, as_version=4).cells

    assert all(
        not cell.get("outputs") and cell.get("execution_count") is None for cell in cells if cell.cell_type == "code"
    )


@pytest.mark.timeout(900)  # a minute on a machine of its own; all of them together on one that is shared
def test_the_notebooks_run_from_the_first_to_the_last(tmp_path, monkeypatch):
    """All in one Python, emptied in between: to start it and import everything for each would cost more than what they show."""
    monkeypatch.setenv("PDM_HOME", str(tmp_path / "plant"))
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.delenv("PUBLIC_DATA", raising=False)
    cells = []
    for path in NOTEBOOKS:
        cells += [nbformat.v4.new_code_cell(EMPTY), *nbformat.read(path, as_version=4).cells]
    whole = nbformat.v4.new_notebook(cells=cells)

    NotebookClient(whole, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()

    assert all("ename" not in output for cell in cells for output in cell.get("outputs", ()))
