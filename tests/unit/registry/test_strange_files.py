"""What may lie in the place of a file of a bundle, and numbers that are none: refused at once, and the last good one answers."""

import json
import os
import shutil
from pathlib import Path

import pytest

from pdm.errors import BundleError
from pdm.registry import bundle as bundles
from pdm.registry.bundle import load_bundle
from pdm.registry.in_charge import in_charge
from pdm.registry.keys import public_key
from pdm.registry.manifest import content_version
from pdm.registry.shelf import BundleShelf
from pdm.registry.signed import LARGEST

FILES = ("manifest.json", "manifest.sig", "fails_soon.probability.txt")


@pytest.fixture
def shelf(bench, tmp_path):
    """A champion that will be spoilt, and the good one before it."""
    good = bench.write(tmp_path)
    bad = bench.write(tmp_path, data_versions={"readings_pump": 5})
    found = BundleShelf(tmp_path)
    found.set_alias("pump", "champion", good.version)
    found.set_alias("pump", "champion", bad.version)
    return found


@pytest.fixture(autouse=True)
def _nothing_verified_before(monkeypatch):
    monkeypatch.setattr(bundles, "_verified", {})


def champion(shelf) -> Path:
    return shelf.path("pump", shelf.alias("pump", "champion"))


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def giant(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)  # sparse: it takes no room on the disk


def folder(path: Path) -> None:
    path.mkdir()


def half_copied(path: Path) -> None:
    path.write_bytes(path.with_suffix(".whole").read_bytes()[:40])


@pytest.mark.timeout(60)
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("strange", [pipe, device, giant, folder, half_copied])
def test_the_last_good_bundle_answers_whatever_lies_in_the_place_of_a_file(bench, shelf, file, strange):
    spoilt = champion(shelf)
    whole = (spoilt / file).rename((spoilt / file).with_suffix(".whole"))
    strange(spoilt / file)

    charge = in_charge(shelf, "pump", public_key(bench.workspace), threads=1)

    if file == "manifest.json" and strange in (folder, pipe, device):
        assert "no bundle" in charge.problems[0]
    else:
        assert file in charge.problems[0]
    assert charge.bundle is not None
    assert charge.bundle.version == shelf.former("pump")[-1] != spoilt.name
    assert whole.exists()


def test_a_signed_bundle_whose_coefficients_are_no_numbers_is_refused_although_it_agrees_with_itself(bench, tmp_path):
    spoilt = Path(shutil.copytree(bench.folder(bench.write()), tmp_path / "copy"))
    plain = json.loads((spoilt / "manifest.json").read_bytes())
    nan = {"$float": "nan"}
    plain["targets"][0]["calibration"] = {"platt": {"slope": nan, "intercept": nan}}
    golden = plain["golden"]["answers"]
    golden["probability:fails_soon"] = [nan for _ in golden["probability:fails_soon"]]
    plain["version"] = content_version(plain)
    document = json.dumps(plain).encode()
    (spoilt / "manifest.json").write_bytes(document)
    (spoilt / "manifest.sig").write_bytes(bench.key.sign(document))

    with pytest.raises(BundleError, match="probability:fails_soon of the golden rows is nan, which is no answer"):
        load_bundle(spoilt, public_key(bench.workspace), threads=1)
