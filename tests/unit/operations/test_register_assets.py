"""Machines come onto the record from objects or from a list, all of them or none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pdm.errors import ColumnsError, InputError, NotFound, ZoneQuestion
from pdm.operations.register_assets import register_assets
from pdm.readings.registry import Asset, Installation, read_assets, read_installations

LIST = (
    "Tag;Class;Description;Functional Location;Criticality;Commissioned;Rated power [kW]\n"
    "P-201;pump;Feed pump;site/a/1;1;2019-03-01;75\n"
    "P-202;pump;;;;;\n"
)


def test_a_list_of_assets_is_registered_with_its_other_columns_as_attributes(plant, write):
    count = register_assets(plant, write("assets.csv", LIST))

    assets = read_assets(plant.history)
    assert count == 2
    assert assets["P-201"] == Asset(
        "P-201",
        "pump",
        description="Feed pump",
        location="site/a/1",
        criticality=1,
        commissioned=datetime(2019, 2, 28, 23, tzinfo=UTC),
        attributes={"Rated power [kW]": "75"},
    )
    assert (assets["P-202"].criticality, assets["P-202"].commissioned) == (3, None)


def test_the_same_list_again_changes_nothing(plant, write):
    file = write("assets.csv", LIST)
    register_assets(plant, file)

    assert register_assets(plant, file) == 0


def test_objects_are_registered_with_their_installations(plant):
    start = datetime(2025, 1, 1, tzinfo=UTC)

    count = register_assets(plant, [Asset("P-301", "pump")], [Installation("P-301", "SN-1", start)])

    assert count == 2
    assert read_installations(plant.history)["item"].tolist() == ["SN-1"]


@pytest.mark.parametrize(
    ("old", "new", "error", "words"),
    [
        ("pump;Feed", "pmp;Feed", NotFound, "no asset class 'pmp'"),
        (";1;2019", ";7;2019", InputError, "row 2: criticality '7'"),
        ("P-202", "P-201", InputError, "row 3: P-201 stands in row 2 already"),
        ("P-202", "", InputError, "row 3: asset is missing"),
        ("2019-03-01", "soon", InputError, "row 2: 'soon' is no time"),
        ("Criticality", "Criticalty", ColumnsError, "did you mean 'criticality'"),
        ("Class", "Sort", ColumnsError, "no column asset_class"),
        ("2019-03-01", "2019-03-01 08:00", ZoneQuestion, "In which time zone"),
        ("P-202;pump;;;;;", "P-202;pump", InputError, "row 3: 2 cells"),
    ],
)
def test_a_list_with_a_mistake_names_the_row_and_registers_nobody(plant, write, old, new, error, words):
    with pytest.raises(error, match=words):
        register_assets(plant, write("assets.csv", LIST.replace(old, new, 1)))

    assert "P-201" not in read_assets(plant.history)


def test_a_commissioning_time_is_read_in_the_zone_that_was_said(plant, write):
    register_assets(plant, write("assets.csv", LIST.replace("2019-03-01", "2019-03-01 08:00")), time_zone="Asia/Tokyo")

    assert read_assets(plant.history)["P-201"].commissioned == datetime(2019, 2, 28, 23, tzinfo=UTC)
