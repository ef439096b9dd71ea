"""The benchmark of a scoring round measures stages that the code still has."""

import importlib.util
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[3] / "benchmarks" / "scoring_round.py"


def test_every_stage_that_is_timed_is_a_stage_of_scoring():
    spec = importlib.util.spec_from_file_location("scoring_round", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)

    assert all(callable(getattr(where, name, None)) for where, name in script.STAGES.values())
