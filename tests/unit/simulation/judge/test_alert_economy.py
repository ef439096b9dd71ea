"""The benchmark from simulation to report, on plants of a few pumps: the product's own doors, a cache, one JSON line."""

import importlib.util
import json
import re
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

SCRIPT = Path(__file__).resolve().parents[4] / "benchmarks" / "alert_economy.py"
TINY = ["--plants-small", "--small-assets", "5", "0", "0", "--small-days", "150", "--every-hours", "96", "--seeds", "2"]


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("alert_economy", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    with patch.object(module, "code_version", lambda *_: "c0de"):
        yield module


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    return cache, [*TINY, "--cache", str(cache)]


@pytest.mark.slow
def test_a_plant_goes_through_ingest_training_replay_and_judgement(benchmark, ran, capsys):
    cache, arguments = ran

    assert benchmark.main(arguments) == 0
    printed = capsys.readouterr()
    answer = json.loads(printed.out.splitlines()[-1])

    assert answer["standing"].startswith("small run")
    assert "not the honest simulator" in answer["standing"]
    assert answer["assets"] == 5
    assert answer["notes"]["2"]["rounds"] == 12
    assert answer["notes"]["2"]["abstained"] == {}
    assert answer["policies"]["product"]["figures"]["false_per_year"]["value"] is not None
    assert "of what perfect knowledge saves" in printed.out
    assert "training and replaying" in printed.err

    # A second run finds the plant in the cache, and answers the same.
    assert benchmark.main([*arguments, "--json"]) == 0
    again = capsys.readouterr()
    assert "kept from an earlier run" in again.err
    assert json.loads(again.out) == answer
    assert len(list(cache.glob("small-plant-*.json"))) == 1


def tiny_settings():
    """The plant that ships, cut down to six pumps that fail often, and half a year."""
    from pdm.simulation.honest.settings import DEFAULT

    text = DEFAULT.read_text(encoding="utf-8")
    assets = iter([6])
    for key, value in (("days", "180"), ("test_days", "60"), ("pairs", "0"), ("exactly", "0"), ("failures", "4.0")):
        text = re.sub(rf"^{key} = .*$", f"{key} = {value}", text, flags=re.MULTILINE)
    return re.sub(r"^assets = \d+$", lambda _: f"assets = {next(assets, 0)}", text, flags=re.MULTILINE)


@pytest.mark.slow
def test_an_honest_plant_goes_the_same_way_through_its_exports(benchmark, tmp_path, capsys):
    pytest.importorskip("pdm.simulation.honest.load", exc_type=ImportError)
    settings = tmp_path / "tiny.toml"
    settings.write_text(tiny_settings(), encoding="utf-8")

    code = benchmark.main(
        [
            "--settings",
            str(settings),
            "--every-hours",
            "96",
            "--seeds",
            "1",
            "--json",
            "--cache",
            str(tmp_path / "cache"),
        ]
    )
    answer = json.loads(capsys.readouterr().out)

    assert code == 0
    assert answer["assets"] == 6
    assert answer["failures"] > 0
    assert "not the honest simulator" not in answer["standing"]
    assert {"oracle@0.05", "product", "incumbent", "perfect"} <= set(answer["policies"])
    assert answer["policies"]["perfect"]["saving"]["cost:0.2"]["value"] == 1.0
    assert set(answer["recall_of_reference"]) >= {"product", "limit_rules"}


def test_settings_that_do_not_exist_are_refused_in_one_sentence(benchmark, tmp_path, capsys):
    pytest.importorskip("pdm.simulation.honest.load", exc_type=ImportError)

    assert benchmark.main(["--settings", str(tmp_path / "no.toml"), "--seeds", "1", "--cache", str(tmp_path)]) == 2
    assert "no.toml" in capsys.readouterr().err
