"""The flow that watches for drift, called without a server on a plant without a model."""

import importlib.util
from pathlib import Path

from pdm.workspace import create

FLOW = Path(__file__).resolve().parents[2] / "flows" / "watch_drift.py"


def test_without_a_model_nothing_drifts(tmp_path):
    spec = importlib.util.spec_from_file_location("watch_drift_flow", FLOW)
    flow = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(flow)
    create(tmp_path / "plant", plant_name="Mill", time_zone="Europe/Berlin")

    assert flow.look.fn(str(tmp_path / "plant")) == ([], [])
