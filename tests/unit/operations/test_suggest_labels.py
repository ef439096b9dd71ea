"""The label factory on a plant: learn from coded events, queue the others, confirm one, and training sees it."""

import pandas as pd
import pytest

from pdm.errors import InputError, NotFound
from pdm.operations.suggest_labels import confirm_label, label_queue, suggest_label, train_labels
from pdm.readings.events import append_events, read_events
from pdm.readings.registry import register
from pdm.testing.builders import NOON, an_asset
from pdm.testing.plants import a_plant

CODED = (("bearing worn and noisy", "bearing", "wear"), ("seal leaking oil", "seal", "leakage"))


@pytest.fixture
def plant(tmp_path):
    plant = a_plant(tmp_path)
    register(plant.history, [an_asset(f"P-10{n}") for n in range(5)], now=NOON)
    rows = []
    for number in range(120):
        text, item, mechanism = CODED[number % 2]
        rows.append(
            {
                "event_id": f"cmms/{number}",
                "asset": f"P-10{number % 5}",
                "time": NOON - pd.Timedelta(days=number + 1),
                "kind": "failure",
                "text": f"{text} {number}",
                "maintainable_item": item,
                "mechanism": mechanism,
            }
        )
    for number, text in enumerate(("bearing worn, noisy", "oil leaking at seal", "meeting about budget")):
        at = NOON - pd.Timedelta(hours=number + 1)
        rows.append({"event_id": f"open/{number}", "asset": "P-101", "time": at, "kind": "failure", "text": text})
    append_events(plant.history, pd.DataFrame(rows).fillna(""), now=NOON, source="cmms")
    return plant


def test_nothing_is_suggested_before_anything_was_learnt(plant):
    with pytest.raises(NotFound, match="nothing was learnt"):
        suggest_label(plant, "bearing worn")


def test_events_without_a_code_are_queued_and_one_that_is_confirmed_is_a_label(plant):
    train_labels(plant)
    assert suggest_label(plant, "seal leaking again")["item"].answer == "seal"
    queue = label_queue(plant)
    assert {"open/0", "open/1"} <= {one.event_id for one in queue}
    plant.clock.advance(pd.Timedelta(hours=1).to_pytimedelta())

    mode = confirm_label(plant, "open/0", by="Ada", item="bearing", mechanism="wear")
    again = confirm_label(plant, "open/0", by="Ada", item="bearing", mechanism="wear")

    assert mode == again == "bearing_wear"
    now = read_events(plant.history).set_index("event_id").loc["open/0"]
    assert (now["maintainable_item"], now["mechanism"], now["failure_mode"]) == ("bearing", "wear", "bearing_wear")
    before = read_events(plant.history, known_at=NOON).set_index("event_id").loc["open/0"]
    assert before["failure_mode"] == ""  # what was known then stays as it was
    assert "open/0" not in {one.event_id for one in label_queue(plant)}
    with plant.unit_of_work() as work:
        assert [entry.verb for entry in work.audit.list(subject="event:open/0")] == ["label"]


def test_bad_answers_are_refused_and_change_nothing(plant):
    before = read_events(plant.history)
    for attempt in ({"by": "Ada"}, {"by": " ", "item": "bearing"}):
        with pytest.raises(InputError):
            confirm_label(plant, "open/0", **attempt)
    with pytest.raises(NotFound):
        confirm_label(plant, "none", by="Ada", item="bearing")

    pd.testing.assert_frame_equal(read_events(plant.history), before)
