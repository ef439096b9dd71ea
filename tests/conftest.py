"""What holds for every test: seeded property tests, quiet libraries, and where public data lies."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("plant", derandomize=True, deadline=None, database=None, max_examples=50)
settings.load_profile("plant")

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def _no_settings_from_this_shell(monkeypatch):
    for key in list(os.environ):
        if key.startswith("PDM_") and key != "PDM_TEST_DATA":
            monkeypatch.delenv(key)


@pytest.fixture(scope="session")
def public_data() -> Path:
    """The folder with public data sets, or a skip that says how to have it."""
    folder = Path(os.environ.get("PDM_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no public data in {folder}: set PDM_TEST_DATA to a folder with cmapss/ and azure_pdm/")
    return folder
