"""The import commands as a shell sees them."""

import json

import pytest

import pdm.cli


@pytest.fixture
def plantpdm(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as leaving:
            pdm.cli.main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return leaving.value.code or 0, printed.out, printed.err

    return run


@pytest.fixture
def home(plantpdm, tmp_path):
    code, _, err = plantpdm("init", tmp_path / "mill", "--time-zone", "Europe/Berlin")
    assert code == 0, err
    return tmp_path / "mill"


def test_a_plant_is_built_from_its_lists_alone(plantpdm, home, tmp_path, iw29):
    (tmp_path / "ih01.csv").write_text("Functional Loc.;Description;Object type\nP-101;Feed pump;PUMP\n")
    (tmp_path / "ip24.csv").write_text(
        "Maintenance Plan;Call number;Functional Loc.;Planned date;Completion date\n77;1;P-101;2026-02-01;2026-02-03\n"
    )

    code, out, err = plantpdm("import", "assets", tmp_path / "ih01.csv", "--time-zone", "Europe/Berlin", "--home", home)
    assert (code, "1 new or changed" in out) == (0, True), err
    code, out, err = plantpdm("import", "workorders", iw29({}), "--home", home, "--json")
    assert code == 0, err
    report = json.loads(out)
    assert (report["events_new"], report["share_matched"]) == (1, 1.0)
    code, out, err = plantpdm("import", "plans", tmp_path / "ip24.csv", "--home", home)
    assert (code, "maintenance plans: 1" in out) == (0, True), err


def test_the_mapping_is_shown_when_asked_for(plantpdm, home, iw29):
    code, out, _ = plantpdm(
        "import", "workorders", iw29({}), "--time-zone", "Europe/Berlin", "--home", home, "--dry-run", "--show-mapping"
    )

    assert code == 0
    assert '"M2" = "failure"' in out


def test_naive_times_are_asked_for_in_the_words_of_the_shell(plantpdm, home, iw29):
    code, _, err = plantpdm("import", "workorders", iw29({}), "--home", home)

    assert code == 3
    assert "--time-zone Europe/Berlin" in err


def test_a_column_without_a_meaning_is_wrong_usage(plantpdm, home, iw29):
    code, _, err = plantpdm("import", "workorders", iw29({}), "--column", "Aufgetreten", "--home", home)

    assert code == 3
    assert "has no '='" in err
