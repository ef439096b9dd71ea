"""Waveforms from files: three kinds, nothing unpickled; and what real bearings show before they fail."""

import numpy as np
import pandas as pd
import pytest

from pdm.errors import ColumnsError, UnreadableFile
from pdm.extraction.vibration import vibration_features
from pdm.extraction.vibration_files import read_waveforms

WAVES = np.random.default_rng(2).normal(size=(3, 64))


def test_arrays_tables_and_lists_give_the_same_snapshots(tmp_path):
    np.save(tmp_path / "h.npy", WAVES)
    np.save(tmp_path / "one.npy", WAVES[0].astype(np.float32))
    pd.DataFrame(WAVES.T, columns=["x", "y", "z"]).to_csv(tmp_path / "axes.csv", index=False)
    pd.DataFrame({"number": [1, 2, 3], "h": list(WAVES)}).to_parquet(tmp_path / "lists.parquet")
    pd.DataFrame(WAVES.T, columns=["x", "y", "z"]).to_parquet(tmp_path / "axes.parquet")

    np.testing.assert_array_equal(read_waveforms(tmp_path / "h.npy")["h"], WAVES)
    assert read_waveforms(tmp_path / "one.npy")["one"].shape == (1, 64)
    axes = read_waveforms(tmp_path / "axes.csv")
    np.testing.assert_allclose(np.concatenate([axes[name] for name in "xyz"]), WAVES, rtol=1e-15)
    assert list(read_waveforms(tmp_path / "axes.parquet", ["z"])) == ["z"]
    lists = read_waveforms(tmp_path / "lists.parquet")
    assert list(lists) == ["h"]
    np.testing.assert_array_equal(lists["h"], WAVES)


def test_an_array_of_python_objects_is_refused(tmp_path):
    np.save(tmp_path / "trap.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)

    with pytest.raises(UnreadableFile, match=r"trap\.npy holds no array of numbers"):
        read_waveforms(tmp_path / "trap.npy")


@pytest.mark.parametrize("name", ["x.npy", "x.csv", "x.parquet", "x.wav"])
def test_empty_and_foreign_files_are_told_by_name(tmp_path, name):
    (tmp_path / name).write_bytes(b"")

    with pytest.raises(UnreadableFile, match=name):
        read_waveforms(tmp_path / name)


def test_missing_columns_words_and_uneven_lists_are_told(tmp_path):
    pd.DataFrame({"a": ["x", "y"]}).to_csv(tmp_path / "words.csv", index=False)
    pd.DataFrame({"h": [[1.0, 2.0], [3.0]]}).to_parquet(tmp_path / "uneven.parquet")

    with pytest.raises(ColumnsError, match=r"no column of words\.csv"):
        read_waveforms(tmp_path / "words.csv")
    with pytest.raises(UnreadableFile, match="column a"):
        read_waveforms(tmp_path / "words.csv", ["a"])
    with pytest.raises(ColumnsError, match="no b"):
        read_waveforms(tmp_path / "words.csv", ["b"])
    with pytest.raises(UnreadableFile, match="different lengths"):
        read_waveforms(tmp_path / "uneven.parquet")


@pytest.mark.data
def test_the_outer_features_of_real_bearings_grow_before_the_end(public_data):
    path = public_data / "femto_learning" / "raw_every10th.parquet"
    if not path.exists():
        pytest.skip("no femto_learning/ in the test data")
    keys = pd.read_parquet(path, columns=["bearing", "snapshot"])
    waves = read_waveforms(path, ["h_milli_g"])["h_milli_g"] / 1000.0

    grown = {}
    for bearing, rows in keys.groupby("bearing"):
        found = vibration_features(waves[rows.index], 25_600.0)
        life = pd.DataFrame(found).assign(snapshot=rows["snapshot"].to_numpy()).sort_values("snapshot")
        early, last = life.iloc[5 : len(life) // 3], life.tail(3)
        grown[bearing] = {name: last[name].median() / early[name].median() for name in ("rms", "envelope_rms")}
    ratios = pd.DataFrame(grown).T
    assert len(ratios) == 6
    assert (ratios["rms"] > 1.2).sum() >= 5
    assert (ratios["envelope_rms"] > 1.2).sum() >= 5
