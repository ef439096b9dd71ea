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

# Settings refuse what they do not know, so where the data lie goes on under another name, also to the workers of xdist.
_DATA = "PLANTPDM_TEST_DATA"
if "PDM_TEST_DATA" in os.environ:
    os.environ[_DATA] = os.environ["PDM_TEST_DATA"]
for key in [key for key in os.environ if key.startswith("PDM_")]:
    del os.environ[key]  # no settings from this shell, not even in what a whole session shares


@pytest.fixture(scope="session")
def public_data() -> Path:
    """The folder with public data sets, or a skip that says how to have it."""
    folder = Path(os.environ.get(_DATA, ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no public data in {folder}: set PDM_TEST_DATA to a folder with cmapss/ and azure_pdm/")
    return folder
