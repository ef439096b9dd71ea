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

# By seconds, the most first: started last, the first of these would keep one worker busy for minutes after the others are done.
SLOW_FILES = (
    "rooms/test_notebooks.py",
    "resilience/test_promises.py",
    "story/test_command_line.py",
    "rooms/test_flows.py",
    "oracle/test_tsfresh_parity.py",
    "contracts/test_docs.py",
    "unit/extraction/test_words_and_version.py",
    "unit/operations/test_train_model.py",
    "unit/operations/test_onboard.py",
    "unit/operations/test_promote_model.py",
    "story/test_the_circle_turns.py",
    "unit/simulation/judge/test_alert_economy.py",
    "unit/operations/test_reproduce_and_tune.py",
    "story/test_nothing_twice.py",
    "rooms/test_serving_api.py",
    "contracts/test_house.py",
    "browser/test_pages.py",
    "unit/extraction/test_stream.py",
    "resilience/test_mutated_bundles.py",
)


def pytest_collection_modifyitems(items):
    """Slow files first, the rest as it was found; within a file nothing moves."""
    rank = {ROOT / "tests" / name: place for place, name in enumerate(SLOW_FILES)}
    if gone := [str(path) for path in rank if not path.is_file()]:
        raise pytest.UsageError(f"tests/conftest.py sorts files that are not there: {', '.join(gone)}")
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


@pytest.fixture(scope="session")
def public_data() -> Path:
    """The folder with public data sets, or a skip that says how to have it."""
    folder = Path(os.environ.get(_DATA, ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no public data in {folder}: set PDM_TEST_DATA to a folder with cmapss/ and azure_pdm/")
    return folder
