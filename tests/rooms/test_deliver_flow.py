"""The delivery flow on a plant of its own with the CSV receiver; its tasks called without a server."""

import importlib.util
from pathlib import Path

from pdm.operations.approve_request import approve_request
from pdm.testing.builders import a_case, a_request
from pdm.wiring import build_plant
from pdm.workspace import create

FLOW = Path(__file__).resolve().parents[2] / "flows" / "deliver_requests.py"


def test_an_approved_request_is_handed_over_once_and_then_asked_about(tmp_path):
    spec = importlib.util.spec_from_file_location("deliver_requests_flow", FLOW)
    flow = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(flow)
    home = tmp_path / "plant"
    create(home, plant_name="Mill", time_zone="Europe/Berlin")
    plant = build_plant(home)
    with plant.unit_of_work() as work:
        work.cases.save(a_case("P-101", id="ca-1"))
        work.requests.save(a_request("P-101", id="wr-1", external_ref="PDM-1", case_id="ca-1"))
        work.commit()
    approve_request(plant, "wr-1", by="planner")

    first, second = flow.deliver.fn(str(home)), flow.deliver.fn(str(home))

    assert (first["sent"], second["sent"]) == (1, 0)
    assert flow.poll.fn(str(home)) == 0
    assert len(list((home / "outgoing").glob("*.csv"))) == 1
