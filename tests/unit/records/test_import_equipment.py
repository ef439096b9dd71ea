"""From structure and equipment lists to machines, parts and installations."""

import pandas as pd
import pytest

from pdm.errors import DefinitionError
from pdm.operations.import_equipment import import_equipment
from pdm.readings.events import read_events
from pdm.readings.registry import read_assets, read_installations
from pdm.records.mapping import propose
from pdm.records.options import ListOptions
from pdm.records.sheet import read_sheet
from pdm.records.structure import Node, Structure, cycles, read_structure
from pdm.testing.plants import a_plant

HEADER = (
    "Technischer Platz;Equipment;Bezeichnung;Übergeordneter Platz;Übergeordnetes Equipment;Serialnummer;Gültig ab;Gültig bis;"
    "Inbetriebnahme;Objektart;ABC-Kennzeichen"
)


@pytest.fixture
def empty(tmp_path):
    (tmp_path / "new").mkdir()
    return a_plant(tmp_path / "new")


@pytest.fixture
def ih01(tmp_path):
    """A German structure list."""

    def write(*lines, header=HEADER):
        (tmp_path / "ih01.csv").write_text("\n".join([header, *lines]), encoding="cp1252")
        return tmp_path / "ih01.csv"

    return write


def imported(plant, path, **options):
    return import_equipment(plant, [path], ListOptions(**{"time_zone": "Europe/Berlin"} | options))


def quarantined(report):
    return pd.read_csv(report.quarantine_file)["quarantine_reason"].tolist()


PLACE = "W1-PU-P-301;;Speisepumpe;;;;;;01.03.2020;PUMPE;A"


def test_a_position_of_a_known_type_becomes_a_machine_under_its_line(empty, ih01):
    imported(empty, ih01("W1;;Werk;;;;;;;;", "W1-PU;;Pumpenhaus;;;;;;;;", PLACE))

    asset = read_assets(empty.history)["W1-PU-P-301"]
    assert (asset.asset_class, asset.description, asset.criticality) == ("pump", "Speisepumpe", 1)
    assert (asset.parent, asset.location) == ("W1-PU", "W1/W1-PU")
    assert f"{asset.commissioned:%Y-%m-%d %H:%M}" == "2020-02-29 23:00"


def test_an_exchanged_machine_is_two_installations_in_one_position(empty, ih01):
    report = imported(
        empty,
        ih01(
            PLACE,
            "W1-PU-P-301;10000001;Kreiselpumpe;;;SN-1;01.03.2020;04.05.2024;;PUMPE;",
            "W1-PU-P-301;10000002;Kreiselpumpe;;;SN-2;05.05.2024;31.12.9999;;PUMPE;",
        ),
    )

    table = read_installations(empty.history)
    assert list(read_assets(empty.history)) == ["W1-PU-P-301"]
    assert table["item"].tolist() == ["SN-1", "SN-2"]
    assert table["end"].isna().tolist() == [False, True]
    assert report.overlapping == ()


def test_a_part_of_a_machine_is_an_item_of_its_own(empty, ih01):
    imported(
        empty,
        ih01(
            "W1-PU-P-301;10000009;Wälzlager A-Seite;;10000001;SKF-77;01.02.2023;;;LAGER;",
            PLACE,
            "W1-PU-P-301;10000001;Kreiselpumpe;;;SN-1;01.03.2020;;;PUMPE;",
        ),
    )

    table = read_installations(empty.history).set_index("item")
    assert table.loc["SKF-77", ["asset", "maintainable_item"]].tolist() == ["W1-PU-P-301", "bearing"]
    assert table.loc["SN-1", "maintainable_item"] == "unit"


def test_two_machines_in_one_place_are_known_by_their_own_numbers(empty, ih01):
    imported(
        empty,
        ih01(
            "HALL-1;20000001;Pumpe 1;;;A;01.01.2020;;;PUMPE;",
            "HALL-1;20000002;Pumpe 2;;;B;01.01.2020;;;PUMPE;",
        ),
    )

    assert list(read_assets(empty.history)) == ["20000001", "20000002"]


def test_a_machine_on_record_keeps_what_is_known_of_it(plant, ih01):
    before = read_assets(plant.history)["P-101"]

    imported(plant, ih01("W1-P-101;;Other words;;;;;;;PUMPE;A"))

    after = read_assets(plant.history)["P-101"]
    assert (after.description, after.criticality, after.parent) == (before.description, before.criticality, "LINE-1")
    assert after.attributes["functional_location"] == "W1-P-101"


def test_the_same_list_twice_changes_nothing(empty, ih01):
    path = ih01(PLACE, "W1-PU-P-301;10000001;Kreiselpumpe;;;SN-1;01.03.2020;04.05.2024;;PUMPE;")
    imported(empty, path)
    before = {name: empty.history.version(name) for name in empty.history.names()}

    report = imported(empty, path)

    assert report.assets_new == 0
    assert {name: empty.history.version(name) for name in empty.history.names()} == before


def test_a_circle_of_parents_waits_and_the_rest_is_taken(empty, ih01):
    report = imported(empty, ih01("A;;Line;B;;;;;;;", "B;;Hall;C;;;;;;;", "C;;Site;A;;;;;;;", PLACE))

    assert list(read_assets(empty.history)) == ["W1-PU-P-301"]
    assert [reason.split(":")[0] for reason in quarantined(report)] == [
        f"{name} lies above itself (A < B < C < A)" for name in "ABC"
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("W1-PU-P-301;1;Pumpe;;;SN-0;01.03.2010;;;PUMPE;", "before it existed (commissioned 2020-02-29)"),
        ("NOWHERE;1;Lager;;77;SN-0;01.03.2021;;;LAGER;", "sits in 77, which no list knows: import that first"),
        ("W1-PU-P-301;1;Pumpe;;;SN-0;01.03.2024;01.02.2024;;PUMPE;", "left before it came"),
        (";;Pumpe;;;SN-0;01.03.2024;;;PUMPE;", "names neither an equipment nor a functional location"),
        ("W1-PU-P-301;1;Pumpe;;;SN-0;bald;;;PUMPE;", "Gültig ab: 'bald' is no time"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_waits_and_the_good_ones_are_kept(empty, ih01, line, reason):
    report = imported(empty, ih01(PLACE, line))

    assert list(read_assets(empty.history)) == ["W1-PU-P-301"]
    assert read_installations(empty.history).empty
    assert reason in quarantined(report)[0]


def test_overlapping_installations_are_named(empty, ih01):
    path = ih01(
        PLACE,
        "W1-PU-P-301;1;Pumpe;;;SN-1;01.03.2020;01.06.2024;;PUMPE;",
        "W1-PU-P-301;2;Pumpe;;;SN-2;05.05.2024;;;PUMPE;",
    )

    report = imported(empty, path)

    assert list(read_assets(empty.history)) == ["W1-PU-P-301"]
    assert report.overlapping == ("SN-1 and SN-2 both sit in W1-PU-P-301 (unit) from 2024-05-04",)
    assert any("1 installations overlap" in sentence for sentence in report.advice)


def test_a_work_order_on_a_part_or_by_equipment_number_finds_its_machine(plant, ih01, iw29, load):
    imported(
        plant,
        ih01(
            "P-201;10000001;Kreiselpumpe;;;SN-1;01.03.2020;;;PUMPE;",
            "P-201;10000009;Motor;;10000001;M-1;01.02.2023;;;MOTOR;",
        ),
    )

    report = load(
        iw29(
            {"location": "", "equipment": "000000000010000009"},
            {"number": "2", "location": "", "equipment": "10000001"},
        )
    )

    assert read_events(plant.history)["asset"].tolist() == ["P-201", "P-201"]
    assert report.matched == {"part": 1, "place": 1}


def test_maximo_locations_and_assets_are_read_together(empty, tmp_path):
    (tmp_path / "locations.csv").write_text(
        "location,description,parent,type,status\nBR300,Boiler room,,OPERATING,OPERATING\n"
    )
    (tmp_path / "assets.csv").write_text(
        "assetnum,description,location,parent,serialnum,installdate,assettype,status,priority\n"
        "11430,Feed pump,BR300,,SN-9,2021-05-04,PUMP,OPERATING,2\n"
    )

    report = import_equipment(
        empty, [tmp_path / "assets.csv", tmp_path / "locations.csv"], ListOptions(time_zone="UTC")
    )

    asset = read_assets(empty.history)["BR300"]
    assert (asset.asset_class, asset.criticality, asset.attributes["equipment"]) == ("pump", 2, "11430")
    assert read_installations(empty.history)["item"].tolist() == ["SN-9"]
    assert report.types_without_class == (("OPERATING", 1),)


def test_types_without_a_class_are_no_machines_until_the_mapping_says_so(empty, ih01):
    path = ih01("W1-X1;;Sondermaschine;;;;;;;XMA;")
    report = imported(empty, path)
    assert report.types_without_class == (("XMA", 1),)
    kept = empty.workspace.home / "mappings" / "sap-ih01.toml"
    kept.write_text(kept.read_text().replace('"XMA" = ""', '"XMA" = "pump"'))

    imported(empty, path)

    assert list(read_assets(empty.history)) == ["W1-X1"]


def test_a_class_that_the_plant_does_not_have_is_refused(empty, ih01):
    path = ih01("W1-X1;;Sondermaschine;;;;;;;XMA;")
    imported(empty, path)
    kept = empty.workspace.home / "mappings" / "sap-ih01.toml"
    kept.write_text(kept.read_text().replace('"XMA" = ""', '"XMA" = "pumpe"'))

    with pytest.raises(DefinitionError, match="'XMA' = 'pumpe' is no class"):
        imported(empty, path)


def test_the_structure_is_kept_as_a_table(empty, ih01):
    imported(empty, ih01("W1;;Werk;;;;;;;;", PLACE))

    structure = read_structure(empty.workspace.home)
    assert structure.asset_at("w1 pu p 301") == "W1-PU-P-301"
    assert list(structure.parents("W1-PU-P-301")) == ["W1"]


def test_circles_are_walked_once():
    structure = Structure({"A": Node("A", "location", "B"), "B": Node("B", "location", "A")})

    assert list(structure.parents("A")) == ["B", "A"]
    assert cycles({"A": "A"}) == [("A",)]


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("GEARBOX_FAN", "gearbox_fan"),
        ("FAN", "fan"),
        ("Radialventilator", "fan"),
        ("Kreiselpumpe", "pump"),
        ("GETRIEBE", ""),
    ],
)
def test_an_object_type_is_the_class_that_it_names_most_fully(ih01, word, name):
    sheet = read_sheet(ih01(f"W1-X;;Maschine;;;;;;;{word};"), "asset")

    mapping = propose(sheet, classes={"fan": "Fans", "gearbox_fan": "Fans with a gearbox", "pump": "Pumps"})

    assert mapping.classes == {word: name}
    assert mapping.items == ({} if name else {word: "gear"})
