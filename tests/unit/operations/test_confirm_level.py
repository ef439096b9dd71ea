import pandas as pd
import pytest

from pdm.errors import InputError, NotFound
from pdm.operations.confirm_level import confirm_level
from pdm.operations.ingest_readings import ingest_readings
from pdm.operations.register_assets import register_assets
from pdm.readings.levels import read_levels
from pdm.testing.builders import NOON, an_asset
from pdm.testing.plants import a_plant


@pytest.fixture
def plant(tmp_path):
    plant = a_plant(tmp_path)
    register_assets(plant, [an_asset(), an_asset("P-200")])
    times = pd.date_range(end=NOON, periods=30, freq="h", tz="UTC", unit="us")
    rows = pd.DataFrame({"asset": "P-101", "time": times, "vibration": [2.0] * 3 + [2000.0 + n % 3 for n in range(27)]})
    ingest_readings(plant, rows, asset_class="pump", source="historian", backfill=True)
    return plant


def test_what_the_channel_shows_now_is_its_own_level_from_now_on(plant):
    confirmed = confirm_level(plant, "P-101", "vibration", by="Ada", why="sensor with another range")

    assert (confirmed.level, confirmed.rows) == (2001.0, 24)
    known = read_levels(plant.history, plant.catalogue.asset_class("pump"))["vibration"]["P-101"]
    assert (known.by, known.reason, known.recorded_at) == ("Ada", "sensor with another range", NOON)
    with plant.unit_of_work() as work:
        said = work.audit.list(subject="readings:P-101")[0]
    assert (said.verb, said.who, said.details["level"]) == ("confirm level", "Ada", 2001.0)


@pytest.mark.parametrize(
    ("asset", "channel", "by", "why", "error"),
    [
        ("P-999", "vibration", "Ada", "x", NotFound),
        ("P-101", "colour", "Ada", "x", NotFound),
        ("P-101", "vibration", " ", "x", InputError),
        ("P-101", "vibration", "Ada", " ", InputError),
        ("P-200", "vibration", "Ada", "x", InputError),
    ],
)
def test_what_cannot_be_confirmed_is_refused_and_nothing_is_remembered(plant, asset, channel, by, why, error):
    with pytest.raises(error):
        confirm_level(plant, asset, channel, by=by, why=why)

    assert plant.history.dataset("levels") is None
