"""The command line as a shell sees it: arguments in; exit code, standard output and standard error out."""

import json
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

import pdm.cli
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.register_assets import register_assets
from pdm.testing.builders import an_assessment, an_asset
from pdm.wiring import build_plant


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def answer(self):
        """The one JSON line."""
        assert self.code == 0, self.err
        assert self.out.count("\n") == 1
        return json.loads(self.out)


@pytest.fixture
def plantpdm(capsys, monkeypatch):
    """Run `plantpdm ...` in this process, by the same door as the installed command."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("USER", "Ada")

    def run(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as leaving:
            pdm.cli.main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Outcome(leaving.value.code or 0, printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def _template(tmp_path_factory):
    home = tmp_path_factory.mktemp("template") / "mill"
    with pytest.raises(SystemExit):
        pdm.cli.main(["init", str(home), "--name", "North mill", "--time-zone", "Europe/Berlin"])
    plant = build_plant(home)
    register_assets(plant, [an_asset("P-101"), an_asset("P-102")])
    return home


@pytest.fixture
def home(_template, tmp_path):
    """A plant in Berlin with two pumps and nothing else."""
    return shutil.copytree(_template, tmp_path / "mill")


@pytest.fixture
def worried(home):
    """The same plant after P-101 was found in a bad way three times: one alert, one case, one suggested request."""
    plant = build_plant(home)
    start = datetime.now(UTC) - timedelta(hours=12)
    for n in range(3):
        moment = start + timedelta(hours=n)
        consider_assessments(plant, [replace(an_assessment("P-101", 0.9), as_of=moment, data_time=moment)])
    return home
