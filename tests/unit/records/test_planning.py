"""The planner's lists: German or English, with what is wrong told by its row and the rest going on."""

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pdm.catalogue import JobPackage, SparePart
from pdm.errors import ColumnsError
from pdm.operations.import_planning import import_planning
from pdm.readings.registry import Asset, register
from pdm.records.planning import read_planning
from pdm.records.planning_rows import number
from pdm.testing.builders import NOON
from pdm.testing.plants import a_plant


@pytest.fixture
def plant(tmp_path):
    (tmp_path / "home").mkdir()
    plant = a_plant(tmp_path / "home")
    package = JobPackage(
        "pump", "bearing_wear", "bearing", parts=(SparePart("BRG-1", "bearing"), SparePart("0815", "ring"))
    )
    plant = replace(plant, catalogue=replace(plant.catalogue, packages={"pump": (package,)}))
    register(
        plant.history,
        [Asset("P-101", "pump", location="north/line-1"), Asset("P-2", "pump", location="south")],
        now=NOON,
    )
    return plant


def sent(plant, tmp_path, text, name="list.csv", **options):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return import_planning(plant, [path], **options)


def tables(plant):
    return read_planning(plant.workspace.home)


def quarantined(report):
    with report.quarantine_file.open(encoding="utf-8", newline="") as file:
        return [(int(row["quarantine_row"]), row["quarantine_reason"]) for row in csv.DictReader(file)]


def test_stops_come_in_on_the_plants_clock_and_a_bare_end_day_is_over_at_its_end(plant, tmp_path):
    sent(plant, tmp_path, "Stillstand;Beginn;Ende;Technischer Platz\nFrühjahr;12.05.2026;14.05.2026;north/line-1\n")

    stop = tables(plant).stops[0]

    assert stop.name == "Frühjahr"
    assert stop.start == datetime(2026, 5, 11, 22, tzinfo=UTC)
    assert stop.end == datetime(2026, 5, 14, 22, tzinfo=UTC)
    assert stop.holds("P-101", "north/line-1")
    assert not stop.holds("P-2", "south")


def test_bad_stops_wait_with_their_row_and_reason_and_the_rest_goes_on(plant, tmp_path):
    report = sent(
        plant,
        tmp_path,
        "name,start,end,scope\n"
        "good,2026-05-01 06:00,2026-05-02 06:00,p-101\n"
        "backwards,2026-05-04 06:00,2026-05-03 06:00,\n"
        "nowhere,2026-05-01,2026-05-02,west\n"
        "never,soon,2026-05-02,\n"
        "endless,2026-05-01,,\n",
    )

    assert [stop.name for stop in tables(plant).stops] == ["good"]
    assert tables(plant).stops[0].scope == "P-101"
    reasons = dict(quarantined(report))
    assert "ends" in reasons[3]
    assert "before it begins" in reasons[3]
    assert reasons[4] == "no asset and no location is called 'west'"
    assert "'soon' is no time" in reasons[5]
    assert reasons[6] == "the stop has no end"


def test_crews_know_their_crafts_and_never_have_negative_hours(plant, tmp_path):
    report = sent(
        plant,
        tmp_path,
        "Gewerk;Stunden pro Woche\nMechanic;40\nelectrician;7,5\nwizard;8\nmechanic;-8\nmechanic;viel\n",
    )

    assert [(crew.craft, crew.hours_per_day) for crew in tables(plant).crews] == [
        ("mechanic", 8.0),
        ("electrician", 1.5),
    ]
    reasons = dict(quarantined(report))
    assert "craft 'wizard' is unknown" in reasons[4]
    assert "cannot be negative" in reasons[5]
    assert "'viel' is no number" in reasons[6]


def test_stock_of_one_part_in_two_places_is_one_stock_and_unknown_parts_wait(plant, tmp_path):
    report = sent(
        plant,
        tmp_path,
        "Material,Unrestricted,Planned delivery time\nbrg-1,1,5\nBRG-1,2,9 days\nXYZ,4,1\n0815,-1,\n0815,3,\n",
    )

    stock = tables(plant).stock
    assert stock["BRG-1"].quantity == 3.0
    assert stock["BRG-1"].lead_time == timedelta(days=9)
    assert stock["0815"].lead_time is None
    assert dict(quarantined(report)) == {
        4: "no job package names a part 'XYZ'",
        5: "quantity is -1: it cannot be negative",
    }


def test_prices_may_hold_for_an_asset_a_line_a_class_or_everything_and_for_a_season(plant, tmp_path):
    sent(
        plant,
        tmp_path,
        "scope;price per hour;valid from;valid to\nP-101;1.250,50;;\nnorth;900;2026-04-01;2026-09-30\npump;800;;\n;700;;\n",
    )

    assert [(price.scope, price.per_hour) for price in tables(plant).prices] == [
        ("P-101", 1250.5),
        ("north", 900.0),
        ("pump", 800.0),
        ("", 700.0),
    ]


def test_protected_plans_need_a_reason(plant, tmp_path):
    sent(plant, tmp_path, "Wartungsplan,Grund\n000012,statutory\n13,\n")

    assert tables(plant).protected == {"12": "statutory"}


def test_a_newer_list_replaces_the_older_one_but_never_with_nothing(plant, tmp_path):
    sent(plant, tmp_path, "craft,hours per day\nmechanic,8\n")
    sent(plant, tmp_path, "craft,hours per day\nelectrician,4\n")

    report = sent(plant, tmp_path, "craft,hours per day\nwizard,4\n")

    assert [crew.craft for crew in tables(plant).crews] == ["electrician"]
    assert report.kept == ("crews",)


def test_a_dry_run_stores_nothing(plant, tmp_path):
    report = sent(plant, tmp_path, "craft,hours per day\nmechanic,8\nwizard,1\n", dry_run=True)

    assert (report.rows_used, report.rows_quarantined) == (1, 1)
    assert tables(plant).crews == ()


def test_a_spreadsheet_is_read_like_a_csv(plant, tmp_path):
    import pandas as pd

    path = tmp_path / "stops.xlsx"
    pd.DataFrame({"stop": ["May"], "from": [datetime(2026, 5, 1, 6)], "to": [datetime(2026, 5, 2, 6)]}).to_excel(
        path, index=False
    )

    import_planning(plant, [path])

    assert tables(plant).stops[0].start == datetime(2026, 5, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "table", "message"),
    [
        ("a,b\n1,2\n", None, "none of the planner's lists"),
        ("name,start\nx,2026-05-01\n", "stops", "needs a column end"),
        ("craft\nmechanic\n", "crews", "needs a column hours_per_day or hours_per_week"),
    ],
)
def test_a_file_that_is_no_such_list_is_refused_as_a_whole(plant, tmp_path, text, table, message):
    with pytest.raises(ColumnsError, match=message):
        sent(plant, tmp_path, text, table=table)


def test_a_formula_in_a_name_stays_text(plant, tmp_path):
    sent(plant, tmp_path, "name,start,end\n=1+1,2026-05-01,2026-05-02\n")

    assert tables(plant).stops[0].name == "=1+1"
    assert "'=1+1" in (plant.workspace.home / "records" / "stops.csv").read_text("utf-8")


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "-1"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match="hours"):
        number(text, "hours")
