"""What is written is what is loaded, and whatever was touched since is refused."""

import hashlib
import json
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pdm.errors import BundleError
from pdm.learning.apply import Predictor
from pdm.learning.model import Model
from pdm.registry import bundle as bundles
from pdm.registry import taste
from pdm.registry.bundle import load_bundle, read_manifest
from pdm.registry.golden import answers
from pdm.registry.keys import public_key
from pdm.registry.manifest import content_version

FILES = ("manifest.json", "manifest.sig", "fails_soon.probability.txt", "life.h48.0.txt", "life.h240.0.txt")


@pytest.fixture
def folder(bench, tmp_path):
    """A bundle of its own, to be damaged."""
    whole = bench.folder(bench.write())
    return Path(shutil.copytree(whole, tmp_path / "copy"))


@pytest.fixture(autouse=True)
def _nothing_verified_before(monkeypatch):
    monkeypatch.setattr(bundles, "_verified", {})


@pytest.fixture
def no_child(monkeypatch):
    """Fails if a damaged bundle gets as far as a process that loads it."""

    def refuse(*_args, **_keywords):
        raise AssertionError("a booster was about to be loaded")

    monkeypatch.setattr(bundles, "taste", refuse)


def resign(folder: Path, key: Ed25519PrivateKey, changes: dict[str, bytes]) -> None:
    """Change booster texts with everything else in order, as damage before signing would."""
    plain = json.loads((folder / "manifest.json").read_bytes())
    for file, content in changes.items():
        (folder / file).write_bytes(content)
        plain["files"][file] = hashlib.sha256(content).hexdigest()
    plain["version"] = content_version(plain)
    document = json.dumps(plain).encode()
    (folder / "manifest.json").write_bytes(document)
    (folder / "manifest.sig").write_bytes(key.sign(document))


def test_a_bundle_comes_back_as_it_was_written(bench, asset_class, definition, model: Model, table):
    manifest = bench.write()

    loaded = load_bundle(bench.folder(manifest), public_key(bench.workspace), threads=1)

    assert loaded.version == manifest.version
    assert loaded.asset_class == asset_class
    assert loaded.definition == definition
    assert loaded.feature_set == asset_class.feature_set
    assert loaded.predictor.model == model
    rows = table.to_numpy(np.float32)
    again, then = answers(loaded.predictor.predict(rows)), answers(Predictor(model, 1).predict(rows))
    assert again.keys() == then.keys()
    assert all(np.array_equal(again[name], then[name]) for name in then)


def test_the_same_content_is_one_version_whoever_writes_it(bench):
    first = bench.write(created_by="ada")
    second = bench.write(created_by="grace")

    assert second.version == first.version
    assert second.created_by == "ada"
    assert bench.write(data_versions={"readings_pump": 5}).version != first.version


def test_features_that_only_tsfresh_computes_are_refused_by_name(bench, asset_class, tmp_path):
    slow = {"mean": None, "matrix_profile": [{"threshold": 0.98, "feature": "min"}]}
    odd = {"agg_linear_trend": [{"attr": "slope", "chunk_len": 5, "f_agg": "median"}]}

    with pytest.raises(
        BundleError, match="pump need matrix_profile, agg_linear_trend, which only tsfresh computes"
    ) as refused:
        bench.write(
            tmp_path, feature_set=replace(asset_class.feature_set, calculators=slow, per_channel={"vibration": odd})
        )

    assert refused.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_bundle_is_replaced_by_a_whole_one_when_it_is_written_again(bench, tmp_path):
    manifest = bench.write(tmp_path)
    target = tmp_path / "pump" / manifest.version
    (target / FILES[2]).write_text("gone")

    bench.write(tmp_path)

    assert load_bundle(target, public_key(bench.workspace), threads=1).version == manifest.version
    assert not list(tmp_path.rglob(".new-*"))


@pytest.mark.usefixtures("no_child")
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("place", [0.0, 0.5, 1.0])
def test_a_flipped_byte_in_any_file_is_refused(bench, folder: Path, file: str, place: float):
    content = bytearray((folder / file).read_bytes())
    content[round(place * (len(content) - 1))] ^= 1
    (folder / file).write_bytes(content)

    with pytest.raises(BundleError) as refused:
        load_bundle(folder, public_key(bench.workspace), threads=1)

    assert "manifest" in str(refused.value) or file in str(refused.value)
    assert refused.value.hint


@pytest.mark.usefixtures("no_child")
@pytest.mark.parametrize("file", FILES)
def test_a_missing_or_empty_file_is_refused_by_name(bench, folder: Path, file: str):
    (folder / file).write_bytes(b"")
    with pytest.raises(BundleError):
        load_bundle(folder, public_key(bench.workspace), threads=1)

    (folder / file).unlink()
    with pytest.raises(BundleError, match=file.replace(".", r"\.")):
        load_bundle(folder, public_key(bench.workspace), threads=1)


def test_the_list_of_files_in_these_tests_is_the_bundle(bench):
    assert {path.name for path in bench.folder(bench.write()).iterdir()} == set(FILES)


@pytest.mark.usefixtures("no_child")
def test_sixty_mutated_booster_texts_are_refused_before_anything_loads_them(bench, folder: Path):
    chance = np.random.default_rng(11)
    whole = (folder / FILES[2]).read_bytes()
    for _ in range(60):
        (folder / FILES[2]).write_bytes(mutated(whole, chance) + b" ")

        with pytest.raises(BundleError, match="was changed since it was signed"):
            load_bundle(folder, public_key(bench.workspace), threads=1)


def mutated(content: bytes, chance: np.random.Generator) -> bytes:
    """One of: cut short, bytes replaced, a digit put in, a piece doubled, a byte dropped, a number made huge."""
    start = int(chance.integers(len(content) - 40))
    digit = bytes([48 + int(chance.integers(10))])
    return [
        content[:start],
        content[:start] + chance.bytes(8) + content[start + 8 :],
        content[:start] + digit + content[start + 1 :],
        content[: start + 40] + content[start:],
        content[:start] + content[start + 1 :],
        content.replace(b"num_leaves=", b"num_leaves=99999999", 1),
    ][chance.integers(6)]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace(b"num_leaves=7", b"num_leaves=2000000000", 1),
        lambda text: text.replace(b"left_child=", b"left_child=0 0 0 0 0 0 #", 1),
        lambda text: text.replace(b"leaf_value=", b"leaf_value=9", 1),
        lambda text: text.replace(b"max_feature_idx=3", b"max_feature_idx=2", 1),
        lambda _text: b"\x00\xff" * 500,
    ],
    ids=["cut short", "huge", "loop", "other value", "fewer features", "binary"],
)
def test_a_signed_but_broken_booster_is_refused_by_name(bench, folder: Path, damage):
    text = (folder / FILES[2]).read_bytes()
    assert damage(text) != text
    resign(folder, bench.key, {FILES[2]: damage(text)})

    with pytest.raises(BundleError, match=r"fails_soon\.probability\.txt"):
        load_bundle(folder, public_key(bench.workspace), threads=1, timeout=5)


def test_a_bundle_that_hangs_is_given_up_after_the_timeout(bench, folder: Path):
    before = time.monotonic()

    with pytest.raises(BundleError, match=r"more than 0\.05 s"):
        load_bundle(folder, public_key(bench.workspace), threads=1, timeout=0.05)

    assert time.monotonic() - before < 5


def test_a_bundle_signed_by_another_key_is_refused(bench, folder: Path):
    stranger = Ed25519PrivateKey.generate()
    resign(folder, stranger, {})

    with pytest.raises(BundleError, match="does not fit"):
        load_bundle(folder, public_key(bench.workspace), threads=1)
    with pytest.raises(BundleError, match="does not fit"):
        read_manifest(folder, public_key(bench.workspace))


def test_features_of_another_extraction_are_refused(bench, folder: Path):
    with pytest.raises(BundleError, match="trained on features of extraction"):
        load_bundle(folder, public_key(bench.workspace), threads=1, extraction_version="0-old")


@pytest.mark.usefixtures("no_child")
def test_another_schema_is_refused_with_both_numbers(bench, folder: Path):
    plain = json.loads((folder / "manifest.json").read_bytes()) | {"schema": 99}
    document = json.dumps(plain).encode()
    (folder / "manifest.json").write_bytes(document)
    (folder / "manifest.sig").write_bytes(bench.key.sign(document))

    with pytest.raises(BundleError, match="schema 99, this platform reads 1"):
        load_bundle(folder, public_key(bench.workspace), threads=1)


def test_golden_rows_that_get_other_answers_here_are_refused(bench, folder: Path):
    plain = json.loads((folder / "manifest.json").read_bytes())
    plain["targets"][0]["calibration"]["platt"]["slope"] = 1.2
    (folder / "manifest.json").write_text(json.dumps(plain))
    resign(folder, bench.key, {})

    with pytest.raises(BundleError, match="get another probability:fails_soon"):
        load_bundle(folder, public_key(bench.workspace), threads=1)


def test_golden_rows_are_kept_exactly_missing_and_infinite_values_too(bench, table):
    manifest = bench.write()

    read = read_manifest(bench.folder(manifest), public_key(bench.workspace))

    assert read.golden.rows.dtype == np.float32
    assert len(read.golden.rows) == 32
    assert np.array_equal(read.golden.rows, manifest.golden.rows, equal_nan=True)
    small = bench.write(golden=table.iloc[3:8])
    read = read_manifest(bench.folder(small), public_key(bench.workspace))
    assert np.array_equal(read.golden.rows, table.iloc[3:8].to_numpy(), equal_nan=True)


def test_a_bundle_needs_golden_rows_with_all_features(bench, table):
    with pytest.raises(BundleError, match="there are none"):
        bench.write(golden=table.iloc[:0])
    with pytest.raises(BundleError, match="lack 1 features"):
        bench.write(golden=table.drop(columns="pressure__mean"))


def test_a_repeated_load_is_instant_but_still_sees_a_changed_file(bench, folder: Path):
    first = load_bundle(folder, public_key(bench.workspace), threads=1)
    before = time.monotonic()

    assert load_bundle(folder, public_key(bench.workspace), threads=1) is first

    assert time.monotonic() - before < 0.5
    (folder / FILES[3]).write_bytes((folder / FILES[3]).read_bytes() + b" ")
    with pytest.raises(BundleError, match=r"life\.h48\.0\.txt was changed"):
        load_bundle(folder, public_key(bench.workspace), threads=1)


def test_a_manifest_cannot_point_outside_its_folder(bench, folder: Path):
    plain = json.loads((folder / "manifest.json").read_bytes())
    plain["files"]["../secret.txt"] = plain["files"].pop(FILES[2])
    (folder / "manifest.json").write_text(json.dumps(plain))
    resign(folder, bench.key, {})

    with pytest.raises(BundleError, match="is no file name"):
        load_bundle(folder, public_key(bench.workspace), threads=1)


def test_the_disposable_process_imports_neither_the_platform_nor_pandas_nor_scikit_learn(bench):
    """It starts at every swap of a model: a fifth of a second instead of four."""
    folder = bench.folder(bench.write())
    digest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()

    done = subprocess.run(
        [sys.executable, "-P", "-X", "importtime", str(taste._PROBE), str(folder), digest],
        capture_output=True,
        text=True,
        check=True,
    )

    names = [line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines() if "|" in line]
    # An import that was refused leaves the package's own name behind, but none of its parts.
    packages = {name.split(".")[0] for name in names if "." in name}
    assert "lightgbm" in packages
    assert not packages & {"pdm", "pandas", "sklearn", "pyarrow", "mlflow", "tsfresh"}


def test_the_disposable_process_sees_a_file_that_was_swapped_behind_the_check(folder: Path):
    digest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    with pytest.raises(BundleError, match=r"manifest\.json: it changed while"):
        taste.taste(folder, "0" * 64, timeout=20)

    (folder / FILES[3]).write_bytes((folder / FILES[3]).read_bytes() + b" ")
    with pytest.raises(BundleError, match=r"life\.h48\.0\.txt: it changed while"):
        taste.taste(folder, digest, timeout=20)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace(b"num_leaves=7", b"num_leaves=2000000000", 1),
        lambda text: text.replace(b"left_child=", b"left_child=0 0 0 0 0 0 #", 1),
        lambda text: text.replace(b"leaf_value=", b"leaf_value=9", 1),
    ],
    ids=["cut short", "huge", "loop", "other value"],
)
def test_what_kills_a_process_kills_the_disposable_one(folder: Path, damage):
    """The taster alone, without the checks that come before it."""
    plain = json.loads((folder / "manifest.json").read_bytes())
    content = damage((folder / FILES[2]).read_bytes())
    (folder / FILES[2]).write_bytes(content)
    plain["files"][FILES[2]] = hashlib.sha256(content).hexdigest()
    document = json.dumps(plain).encode()
    (folder / "manifest.json").write_bytes(document)

    with pytest.raises(BundleError, match=r"fails_soon\.probability\.txt"):
        taste.taste(folder, hashlib.sha256(document).hexdigest(), timeout=5)


@pytest.mark.parametrize("seed", range(20))
def test_mutations_that_were_signed_never_kill_this_process_nor_change_a_golden_answer(bench, folder: Path, seed: int):
    whole = (folder / FILES[2]).read_bytes()
    resign(folder, bench.key, {FILES[2]: mutated(whole, np.random.default_rng(seed))})

    try:
        loaded = load_bundle(folder, public_key(bench.workspace), threads=1, timeout=5)
    except BundleError:
        return
    now = answers(loaded.predictor.predict(loaded.manifest.golden.rows))
    assert all(np.array_equal(now[name], then) for name, then in loaded.manifest.golden.answers.items())


def test_the_manifest_says_who_made_it_and_by_which_key(bench):
    manifest = bench.write()

    assert manifest.created_by == "ada"
    assert len(manifest.version) == 12
    assert len(manifest.signed_by) == 16
    assert replace(manifest).feature_names[3] == 'vibration__linear_trend__attr_"slope"'


@pytest.mark.usefixtures("no_child")
def test_another_version_in_the_place_of_the_promoted_one_is_refused_although_the_plant_has_signed_it(
    bench, folder: Path
):
    promoted = read_manifest(folder, public_key(bench.workspace)).version
    plain = json.loads((folder / "manifest.json").read_bytes())
    plain["facts"]["lives"] = {}
    (folder / "manifest.json").write_text(json.dumps(plain))
    resign(folder, bench.key, {})

    with pytest.raises(BundleError, match=f"instead of {promoted}"):
        load_bundle(folder, public_key(bench.workspace), threads=1, version=promoted)


@pytest.mark.parametrize(
    "nonsense",
    [
        lambda plain: plain["golden"]["rows"][0].__setitem__(0, 10**400),
        lambda plain: plain["targets"][0].__setitem__("calibration", -1),
        lambda plain: plain.__setitem__("feature_names", 7),
        lambda plain: plain["targets"][1]["calibration"].__setitem__("conformal", [[]]),
    ],
    ids=["a number of 400 digits", "a number for a table", "a number for names", "no bands"],
)
def test_a_signed_manifest_that_says_nonsense_is_refused_and_breaks_nothing(bench, folder: Path, nonsense):
    plain = json.loads((folder / "manifest.json").read_bytes())
    nonsense(plain)
    (folder / "manifest.json").write_text(json.dumps(plain))
    resign(folder, bench.key, {})

    with pytest.raises(BundleError):
        load_bundle(folder, public_key(bench.workspace), threads=1)
