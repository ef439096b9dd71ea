"""A refusal is one sentence on standard error and an exit code that says whose turn it is."""

import pytest

from pdm import errors
from pdm.cli.refusals import exit_code, sentence


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.SettingsError, 1),
        (errors.DefinitionError, 1),
        (errors.BundleError, 1),
        (errors.StoreError, 1),
        (errors.ColumnsError, 3),
        (errors.TooLittleData, 3),
        (errors.LeakFound, 3),
        (errors.NotFound, 4),
        (errors.LeaseHeld, 4),
    ],
)
def test_every_branch_of_the_tree_has_its_exit_code(kind, code):
    assert exit_code(kind("no")) == code


@pytest.mark.parametrize(
    ("hint", "told"),
    [
        ('pass backfill=True, or leave it out with columns={"known": ""}', "pass --backfill, or leave it out with --column 'known='"),
        ("pass day_first=True or day_first=False", "pass --day-first or --month-first"),
        ("by=..., reason=...", "--by NAME, --reason TEXT"),
        ("approved_by=...", "--approved-by NAME"),
        ("write 2026-05-03", "write 2026-05-03"),
    ],
)  # fmt: skip
def test_hints_name_options_not_python_arguments(hint, told):
    assert sentence(errors.InputError("no", hint=hint)) == f"no ({told})"


def test_a_folder_that_is_no_plant_is_told_with_the_way_to_make_one(plantpdm, tmp_path):
    told = plantpdm("alerts", "list", "--home", tmp_path / "nowhere")

    assert told.code == 4
    assert told.out == ""
    assert told.err.startswith("plantpdm: ")
    assert "plantpdm init" in told.err


def test_a_misspelt_setting_is_exit_code_one_with_the_nearest_name(plantpdm, home):
    with (home / "plantpdm.toml").open("a", encoding="utf-8") as file:
        file.write("prot = 8080\n")

    told = plantpdm("score", "--home", home)

    assert told.code == 1
    assert "did you mean 'port'" in told.err


def test_an_interruption_is_exit_code_130_and_reassures(plantpdm, home, monkeypatch):
    def interrupted(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("pdm.operations.score_fleet.score_fleet", interrupted)

    told = plantpdm("score", "--home", home)

    assert told.code == 130
    assert "what was committed stays" in told.err
