"""C-MAPSS: the reader takes the user's files as they are, and says file and row when they are not what they should be."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Axis
from pdm.datasets.cmapss import CHANNELS, cmapss_assets, cmapss_events, read_cmapss, write_cmapss_fixture
from pdm.errors import InputError, NotFound, UnreadableFile

CYCLES = Axis("usage", 1.0, "cycles", 4.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_cmapss_fixture(tmp_path, engines=3, compress=False)


def test_a_fixture_reads_like_the_original(folder: Path):
    data = read_cmapss(folder, "FD001")

    assert tuple(data.train.columns) == ("asset", "time", *CHANNELS)
    assert list(data.train["asset"].unique()) == ["FD001-train-001", "FD001-train-002", "FD001-train-003"]
    assert list(data.test["asset"].unique()) == ["FD001-test-001", "FD001-test-002", "FD001-test-003"]
    assert data.train.groupby("asset")["time"].min().eq(1.0).all()
    assert data.test.groupby("asset")["time"].max()["FD001-test-001"] == 19
    assert all(dtype == np.float64 for dtype in data.train.dtypes[1:])


def test_plain_and_gzipped_files_are_the_same_to_the_reader(tmp_path: Path, folder: Path):
    packed = write_cmapss_fixture(tmp_path / "packed", engines=3, compress=True)

    pd.testing.assert_frame_equal(read_cmapss(packed, "FD001").train, read_cmapss(folder, "FD001").train)


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path):
    first = write_cmapss_fixture(tmp_path / "a", engines=2)
    second = write_cmapss_fixture(tmp_path / "b", engines=2)

    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()


def test_fixture_engines_degrade_towards_their_end(folder: Path):
    engine = read_cmapss(folder, "FD001").train.query("asset == 'FD001-train-001'")

    assert engine["s4"].tail(10).mean() - engine["s4"].head(50).mean() > 4 * engine["s4"].head(50).std()


def test_fixture_engines_of_fd002_fly_in_six_conditions(tmp_path: Path):
    data = read_cmapss(write_cmapss_fixture(tmp_path, "FD002", engines=2), "FD002")

    assert data.train["op1"].round(0).nunique() == 6


def test_the_truth_is_told_per_test_engine(folder: Path):
    data = read_cmapss(folder, "FD001")

    assert data.truth is not None
    assert list(data.truth.index) == list(data.test["asset"].unique())
    assert (data.truth > 0).all()


def test_without_a_rul_file_there_is_no_truth(folder: Path):
    (folder / "RUL_FD001.txt").unlink()

    assert read_cmapss(folder, "FD001").truth is None


def test_training_engines_fail_on_their_last_cycle_and_test_engines_never(folder: Path):
    data = read_cmapss(folder, "FD001")

    events = cmapss_events(data, CYCLES)
    last = data.train.groupby("asset")["time"].max()
    assert dict(zip(events["asset"], events["usage"], strict=True)) == last.to_dict()
    assert set(events["kind"]) == {"failure"}
    assert set(events["failure_mode"]) == {"degradation"}
    assert set(events["severity"]) == {"critical"}
    assert (
        events["recorded_at"] == pd.Timestamp("2008-01-01", tz="UTC") + pd.to_timedelta(last.to_numpy() * 6, unit="h")
    ).all()


def test_assets_tell_their_subset_and_split(folder: Path):
    assets = cmapss_assets(read_cmapss(folder, "FD001"))

    assert len(assets) == 6
    assert assets[0].attributes == {"subset": "FD001", "split": "train"}
    assert assets[-1].attributes == {"subset": "FD001", "split": "test"}


def replace_train(change: Callable[[list[str]], list[str]]) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        path = folder / "train_FD001.txt"
        path.write_text("\n".join(change(path.read_text().splitlines())) + "\n")

    return do


MISTAKES: dict[str, tuple[Callable[[Path], object], type[Exception], str]] = {
    "an empty file": (lambda f: (f / "train_FD001.txt").write_bytes(b""), UnreadableFile, "is empty"),
    "a binary file": (
        lambda f: (f / "train_FD001.txt").write_bytes(bytes(range(256)) * 9),
        UnreadableFile,
        "train_FD001",
    ),
    "a column too few": (
        replace_train(lambda rows: [row.rsplit(maxsplit=1)[0] for row in rows]),
        UnreadableFile,
        "25 columns, not 26",
    ),
    "a row cut off": (replace_train(lambda rows: [*rows[:4], rows[4][:20], *rows[5:]]), UnreadableFile, "row 5"),
    "a row too long": (replace_train(lambda rows: [*rows[:4], rows[4] + " 7", *rows[5:]]), UnreadableFile, "line 5"),
    "text in a number": (
        replace_train(lambda rows: [*rows[:6], rows[6].replace("518.67", "warm"), *rows[7:]]),
        UnreadableFile,
        "row 7",
    ),
    "a cycle twice": (
        replace_train(lambda rows: [*rows[:3], rows[2], *rows[3:]]),
        UnreadableFile,
        "engine 1 has no cycle",
    ),
    "a cycle missing": (replace_train(lambda rows: [*rows[:3], *rows[4:]]), UnreadableFile, "engine 1 has no cycle 4"),
    "another set's truth": (lambda f: (f / "RUL_FD001.txt").write_text("12\n"), InputError, "tells 1 engines"),
    "no training file": (lambda f: (f / "train_FD001.txt").unlink(), NotFound, "holds no train_FD001.txt"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_cannot_be_read_is_told_with_its_file(folder: Path, mistake: str):
    spoil, kind, words = MISTAKES[mistake]
    spoil(folder)

    with pytest.raises(kind, match="FD001") as caught:
        read_cmapss(folder, "FD001")

    assert words in str(caught.value)


def test_a_truncated_gzip_is_told_with_its_file(tmp_path: Path):
    folder = write_cmapss_fixture(tmp_path, engines=2)
    path = folder / "train_FD001.txt.gz"
    path.write_bytes(path.read_bytes()[:-900])

    with pytest.raises(UnreadableFile, match="train_FD001"):
        read_cmapss(folder, "FD001")


def test_a_file_that_only_claims_to_be_gzipped_is_told_with_its_name(tmp_path: Path):
    folder = write_cmapss_fixture(tmp_path, engines=2)
    path = folder / "train_FD001.txt.gz"
    path.write_bytes(gzip.decompress(path.read_bytes()))

    with pytest.raises(UnreadableFile, match="train_FD001"):
        read_cmapss(folder, "FD001")


def test_an_unknown_subset_is_answered_with_those_there_are(folder: Path):
    with pytest.raises(NotFound, match=r"FD005.*FD001, FD002, FD003, FD004"):
        read_cmapss(folder, "FD005")


def test_a_missing_subset_is_answered_with_what_the_folder_holds(folder: Path):
    with pytest.raises(NotFound, match=r"holds no train_FD003\.txt.*it holds.*train_FD001\.txt"):
        read_cmapss(folder, "FD003")


def test_a_missing_folder_is_answered(tmp_path: Path):
    with pytest.raises(NotFound, match="no folder"):
        read_cmapss(tmp_path / "nowhere", "FD001")


PUBLISHED = {
    "FD001": (20631, 100, 13096, 100, True),
    "FD002": (53759, 260, 33991, 259, False),
    "FD003": (24720, 100, 16596, 100, True),
    "FD004": (61249, 249, 41214, 248, False),
}


@pytest.mark.data
@pytest.mark.parametrize("subset", PUBLISHED)
def test_the_real_set_has_the_published_counts(public_data: Path, subset: str):
    rows, engines, test_rows, test_engines, has_truth = PUBLISHED[subset]

    data = read_cmapss(public_data / "cmapss", subset)

    assert (len(data.train), data.train["asset"].nunique()) == (rows, engines)
    assert (len(data.test), data.test["asset"].nunique()) == (test_rows, test_engines)
    assert (data.truth is not None) == has_truth


@pytest.mark.data
def test_the_real_sensors_stay_in_the_ranges_of_the_class(public_data: Path, turbofan):
    for subset in PUBLISHED:
        data = read_cmapss(public_data / "cmapss", subset)
        for channel in turbofan.channels:
            if channel.low is not None:
                values = pd.concat([data.train, data.test])[channel.name]
                assert values.between(channel.low, channel.high).all(), (subset, channel.name)
