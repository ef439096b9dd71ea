"""Every definition that ships loads, and every way of breaking one is told with file and line."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pdm.catalogue import AssetClass, Catalogue, FeatureSet, load_catalogue
from pdm.catalogue.load import load_class, load_model
from pdm.errors import DefinitionError
from pdm.workspace import Workspace, bundled_room

CLASSES = sorted(path.stem for path in bundled_room("features").glob("*.toml"))
MODELS = sorted(path.stem for path in bundled_room("models").glob("*.toml"))
BUDGET = {"pump": 90, "compressor": 90, "fan": 90, "turbofan": 250, "azure_machine": 75}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return load_catalogue(Workspace(tmp_path_factory.mktemp("home")))


def columns(feature_set: FeatureSet) -> int:
    """How many features a definition asks for."""
    per_window = sum(
        len(parameters) if parameters is not None else 1
        for channel in feature_set.channels
        for parameters in feature_set.calculators_of(channel).values()
    )
    count = per_window * len(feature_set.windows)
    if life := feature_set.life:
        per_channel = (2 if life.baseline_rows else 0) + len(life.ewm_alpha) + (3 if life.expanding else 0)
        count += per_channel * len(feature_set.channels) + life.age
    if events := feature_set.events:
        count += len(events.counts) + len(events.since) + events.asset_age + events.run_hours
    return count


def test_every_class_that_ships_has_a_model_and_every_model_a_class():
    assert CLASSES == MODELS


@pytest.mark.parametrize("name", CLASSES)
def test_a_bundled_class_loads_and_says_what_it_measures(catalogue: Catalogue, name: str):
    asset_class = catalogue.asset_class(name)

    assert asset_class.name == name
    assert all(channel.title and channel.unit for channel in asset_class.channels)
    assert all(channel.low < channel.high for channel in asset_class.channels if channel.low is not None)


@pytest.mark.parametrize("name", CLASSES)
def test_the_number_of_features_stays_moderate(catalogue: Catalogue, name: str):
    assert 10 < columns(catalogue.asset_class(name).feature_set) <= BUDGET[name]


@pytest.mark.parametrize("name", CLASSES)
def test_the_calculators_are_tsfresh_calculators(catalogue: Catalogue, name: str):
    known = set(bundled_calculators())
    feature_set = catalogue.asset_class(name).feature_set

    used = {calculator for channel in feature_set.channels for calculator in feature_set.calculators_of(channel)}

    assert used <= known


def bundled_calculators() -> list[str]:
    """The names of tsfresh's calculators, read from its source text: importing it takes seconds."""
    package = importlib.util.find_spec("tsfresh")
    if package is None or package.origin is None:
        pytest.skip("tsfresh is not installed (pip install 'plantpdm[train]')")
    source = Path(package.origin).parent / "feature_extraction" / "feature_calculators.py"
    return re.findall(r"^def (\w+)\(", source.read_text(encoding="utf-8"), flags=re.M)


@pytest.mark.parametrize("name", CLASSES)
def test_calculators_for_one_channel_name_a_channel_of_the_class(catalogue: Catalogue, name: str):
    asset_class = catalogue.asset_class(name)

    assert set(asset_class.feature_set.per_channel) <= set(asset_class.channel_names)


@pytest.mark.parametrize("name", MODELS)
def test_a_bundled_model_predicts_every_failure_mode_or_says_why_nobody_can(catalogue: Catalogue, name: str):
    model = catalogue.model(name)

    predicted = {mode for target in model.targets for mode in target.modes}
    assert predicted == {mode.name for mode in model.failure_modes if not mode.not_predictable}
    assert all(mode.would_help and not mode.signs for mode in model.failure_modes if mode.not_predictable)
    assert {target.kind for target in model.targets} >= {"failure_within"}


@pytest.mark.parametrize("name", MODELS)
def test_a_bundled_mode_tells_the_planner_what_to_do_by_whom_and_with_which_parts(catalogue: Catalogue, name: str):
    for mode in catalogue.model(name).failure_modes:
        assert mode.next_step.endswith(".")
        assert mode.crafts
        assert mode.parts
        assert mode.planning_time > 0
        assert mode.parts_time > 0


@pytest.mark.parametrize("name", MODELS)
def test_the_gap_of_the_split_covers_the_longest_horizon(catalogue: Catalogue, name: str):
    model = catalogue.model(name)

    assert model.split.gap >= max(target.horizon for target in model.targets)


@pytest.mark.parametrize("name", MODELS)
def test_the_grid_of_remaining_life_rises_and_stays_below_the_cap(catalogue: Catalogue, name: str):
    for target in catalogue.model(name).targets:
        if target.kind == "remaining_life":
            assert list(target.grid) == sorted(set(target.grid))
            assert target.grid[-1] < target.cap


@pytest.mark.parametrize("name", MODELS)
def test_missing_a_failure_costs_more_than_a_planned_repair_and_that_more_than_a_look(catalogue: Catalogue, name: str):
    costs = catalogue.model(name).costs

    assert costs.missed_failure > costs.planned_repair > costs.false_alert > 0


# --- broken variants: each must name its file and its line -------------------------------------------------------

BROKEN_CLASSES = {
    "a misspelt key": ('settle = "2h"', 'setle = "2h"', "setle"),
    "an unknown unit": ('unit = "m3/h"', 'unit = "m3/hour"', "m3/hour"),
    "a running rule on an undefined channel": ('channel = "speed"', 'channel = "sped"', "sped"),
    "features of an undefined channel": ("[features]", '[features]\nchannels = ["presure"]', "presure"),
    "no TOML": ("[[channel]]", "[[channel]", "TOML"),
    "text where a number belongs": ("above = 200", 'above = "many"', "above"),
    "a number where text belongs": ('title = "shaft speed"', "title = 7", "title"),
    "an unknown kind of axis": ('kind = "time"', 'kind = "moon"', "kind"),
    "a length nobody can read": ('settle = "2h"', 'settle = "2 fortnights"', "fortnights"),
}

BROKEN_MODELS = {
    "a misspelt key": ("planning_time", "planing_time", "planing_time"),
    "an unknown class": ('asset_class = "pump"', 'asset_class = "pmup"', "pmup"),
    "no TOML": ("[costs]", "[costs", "TOML"),
    "a wrong type": ("missed_failure = 24000", 'missed_failure = "much"', "missed_failure"),
    "a level of selection above one": ("folds = 4", "folds = 4\n[selection]\nfdr_level = 1.5", "fdr_level"),
    "a method of selection that nobody knows": ("folds = 4", 'folds = 4\n[selection]\nmethod = "bonferroni"', "method"),
    "a horizon that is no length": ('horizon = "14d"', 'horizon = "a fortnight"', "a fortnight"),
}

# Here the mistake is what is missing, or two places that do not fit: any line of the file is a fair answer.
ANYWHERE_IN_THE_FILE = {
    "a missing table": ("[costs]", "[cost]", "cost"),
    "a missing key": ('title = "Bearing wear, drive end"\n', "", "title"),
    "a horizon shorter than one step": ('horizon = "14d"', 'horizon = "30min"', "30min"),
    "a target for an unknown mode": ('modes = ["seal_leak"]', 'modes = ["seal_leek"]', "seal_leek"),
    "a dead band upside down": ("clear_at = 0.2", "clear_at = 0.9", "clear_at"),
}


def broken(tmp_path: Path, room: str, good: str, bad: str) -> tuple[Path, int]:
    """A copy of the pump's definition with one mistake, and the line of the mistake."""
    text = (bundled_room(room) / "pump.toml").read_text(encoding="utf-8")
    assert good in text
    path = tmp_path / "pump.toml"
    path.write_text(text.replace(good, bad, 1), encoding="utf-8")
    line = text[: text.index(good)].count("\n") + 1 + bad.count("\n")
    return path, line


def refusal(load: Callable[[], object]) -> str:
    with pytest.raises(DefinitionError) as caught:
        load()
    return str(caught.value)


@pytest.mark.parametrize("mistake", BROKEN_CLASSES)
def test_a_broken_class_is_told_with_file_and_line(tmp_path: Path, mistake: str):
    good, bad, word = BROKEN_CLASSES[mistake]
    path, line = broken(tmp_path, "features", good, bad)

    message = refusal(lambda: load_class(path))

    assert message.startswith(f"{path}:{line}: ")
    assert word in message


@pytest.mark.parametrize("mistake", BROKEN_MODELS)
def test_a_broken_model_is_told_with_file_and_line(tmp_path: Path, catalogue: Catalogue, mistake: str):
    good, bad, word = BROKEN_MODELS[mistake]
    path, line = broken(tmp_path, "models", good, bad)

    message = refusal(lambda: load_model(path, catalogue.classes))

    assert message.startswith(f"{path}:{line}: ")
    assert word in message


@pytest.mark.parametrize("mistake", ANYWHERE_IN_THE_FILE)
def test_a_model_that_is_incomplete_or_at_odds_with_itself_is_told_with_its_file(
    tmp_path: Path, catalogue: Catalogue, mistake: str
):
    good, bad, word = ANYWHERE_IN_THE_FILE[mistake]
    path, _ = broken(tmp_path, "models", good, bad)

    message = refusal(lambda: load_model(path, catalogue.classes))

    assert re.match(rf"{re.escape(str(path))}:\d+: ", message)
    assert word in message


def test_a_binary_file_is_no_definition(tmp_path: Path):
    path = tmp_path / "pump.toml"
    path.write_bytes(b"\xff\xfe\x00\x01")

    assert refusal(lambda: load_class(path)).startswith(f"{path}:1: ")


def test_an_empty_file_is_no_definition(tmp_path: Path):
    path = tmp_path / "pump.toml"
    path.write_text("", encoding="utf-8")

    assert refusal(lambda: load_class(path)).startswith(f"{path}:1: ")


# --- the READMEs of the rooms --------------------------------------------------------------------------------------


def example(room: str) -> str:
    """The first TOML example in a room's README."""
    readme = (bundled_room(room) / "README.md").read_text(encoding="utf-8")
    return re.findall(r"```toml\n(.*?)```", readme, flags=re.S)[0]


@pytest.fixture
def mixer(tmp_path: Path) -> AssetClass:
    path = tmp_path / "mixer.toml"
    path.write_text(example("features"), encoding="utf-8")
    return load_class(path)


def test_the_smallest_example_of_features_loads(mixer: AssetClass):
    assert mixer.channel_names == ("motor_current",)
    assert mixer.axis.step == 1.0


def test_the_smallest_example_of_models_loads(mixer: AssetClass, tmp_path: Path):
    path = tmp_path / "mixer_model.toml"
    path.write_text(example("models"), encoding="utf-8")

    model = load_model(path, {"mixer": mixer})

    assert model.target("gearbox_wear_within_14d").horizon == 14 * 24


@pytest.mark.parametrize("room", ["features", "models"])
def test_the_readme_of_a_room_fits_on_one_screen(room: str):
    assert len((bundled_room(room) / "README.md").read_text(encoding="utf-8").splitlines()) <= 55
