"""Vibration snapshots as part of a feature set: from TOML and files to columns that are known at the as-of time."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Axis, FeatureSet, Window
from pdm.catalogue.load import load_class
from pdm.catalogue.vibration import BearingGeometry, VelocityLimits, VibrationPoint
from pdm.errors import DefinitionError, InputError, UnreadableFile
from pdm.extraction import describe_feature, extract, feature_names, lookback
from pdm.extraction.scale import Scale
from pdm.extraction.snapshots import fingerprint, read_snapshots
from pdm.extraction.stream import FeatureStream

START = pd.Timestamp("2026-01-01", tz="UTC")
RATE = 12_800.0
# The 6205-2RS of Case Western Reserve University's bearing data center: 9 balls of 0.3126 in on a circle of 1.537 in; its page gives
# the fault frequencies in multiples of the shaft's: 3.5848 (outer), 5.4152 (inner), 0.39828 (cage).
SKF_6205 = BearingGeometry(9, 0.3126, 1.537)
POINT = VibrationPoint(
    "drive_end",
    RATE,
    title="Drive end, horizontal",
    bands=((0.0, 1000.0), (2000.0, 4000.0)),
    envelope_band=(2000.0, 5000.0),
    bearing=SKF_6205,
    speed="speed",
    limits=VelocityLimits(1.4, 2.8, 4.5),
    hold="3d",
    harmonics=1,
)
FEATURES = FeatureSet("pump", ("p",), (Window(duration="24h", every="12h"),), {"mean": None}, vibration=(POINT,))
TOML = """
name = "pump"
title = "Pump"

[[channel]]
name = "speed"
title = "speed"
unit = "rpm"

[features]
windows = [{ duration = "24h", every = "12h" }]

[[features.vibration]]
name = "drive_end"
title = "Drive end, horizontal"
rate = 12800
bands = [[0, 1000], [2000, 4000]]
envelope_band = [2000, 5000]
speed = "speed"
zones = [1.4, 2.8, 4.5]
hold = "3d"
harmonics = 1

[features.vibration.bearing]
elements = 9
element_diameter = 0.3126
pitch_diameter = 1.537
"""


def fault(rpm, depth=1.0, seconds=1.0):
    """A ringing at 3.5 kHz whose strength follows the passing of balls over a spot of the outer ring, in noise."""
    t = np.arange(int(RATE * seconds)) / RATE
    passing = 2 * np.pi * SKF_6205.frequencies(rpm)["bpfo"] * t
    noise = np.random.default_rng(3).normal(size=len(t))
    return (1.0 + depth * np.cos(passing)) * np.sin(2 * np.pi * 3500.0 * t) + 0.1 * noise


def readings(hours=120, speed=1797.0):
    times = (START + pd.to_timedelta(np.arange(hours), "h")).as_unit("us")
    return pd.DataFrame({"asset": "P-1", "time": times, "p": 1.0, "speed": speed})


def snapshots(*rows, asset="P-1"):
    """Rows of (hour, waveform)."""
    hours, waves = zip(*rows, strict=True)
    times = (START + pd.to_timedelta(list(hours), "h")).as_unit("us")
    return pd.DataFrame({"asset": asset, "time": times, "point": "drive_end", "waveform": list(waves)})


def test_the_geometry_gives_the_multiples_that_the_data_center_publishes():
    found = SKF_6205.frequencies(60.0)

    assert found["bpfo"] == pytest.approx(3.5848, rel=2e-4)
    assert found["bpfi"] == pytest.approx(5.4152, rel=2e-4)
    assert found["ftf"] == pytest.approx(0.39828, rel=2e-4)


def test_a_fault_of_the_outer_ring_shows_in_its_own_column_from_its_snapshot_on():
    rpm = 60.0 * 107.0 / SKF_6205.frequencies(60.0)["bpfo"]  # 107 Hz: whole turns in the second, so a line of its own
    taken = snapshots((30, fault(rpm, depth=0.0)), (60, fault(rpm, depth=0.8)))

    table = extract(readings(speed=rpm), FEATURES, snapshots=taken)

    rows = table.set_index("time")
    before, after = rows.loc[START + pd.Timedelta("48h")], rows.loc[START + pd.Timedelta("60h")]
    line = "drive_end__vibration__envelope_bpfo"
    assert rows.loc[START + pd.Timedelta("24h")].filter(like="vibration").isna().all()
    assert after[line] == pytest.approx(0.8, rel=0.02)  # modulation depth times the amplitude of the carrier
    assert after[line] > 20 * before[line]
    assert after[line] > 10 * max(after[f"drive_end__vibration__envelope_{name}"] for name in ("bpfi", "bsf", "ftf"))
    assert (before["drive_end__vibration__age"], after["drive_end__vibration__age"]) == (18.0, 0.0)


def test_a_speed_of_its_own_moves_the_lines_and_standing_still_leaves_none():
    slow = extract(readings(speed=900.0), FEATURES, snapshots=snapshots((60, fault(900))), only_last=True)
    wrong = extract(readings(speed=1797.0), FEATURES, snapshots=snapshots((60, fault(900))), only_last=True)
    still = extract(readings(speed=0.0), FEATURES, snapshots=snapshots((60, fault(900))), only_last=True)

    line = "drive_end__vibration__envelope_bpfo"
    assert slow[line].iloc[0] > 10 * wrong[line].iloc[0]
    assert still[line].isna().all()
    assert still["drive_end__vibration__rms"].notna().all()


def test_velocity_follows_from_a_sine_by_hand_and_falls_into_the_users_zone():
    t = np.arange(int(RATE)) / RATE
    tone = 0.2 * np.sin(2 * np.pi * 80.0 * t)  # 0.2 g at 80 Hz: 0.2 x 9806.65 / (2 pi 80) / sqrt(2) = 2.759 mm/s
    row = extract(readings(), FEATURES, snapshots=snapshots((100, tone)), only_last=True).iloc[0]

    assert row["drive_end__vibration__velocity_rms"] == pytest.approx(
        0.2 * 9806.65 / (2 * np.pi * 80) / 2**0.5, rel=1e-6
    )
    assert row["drive_end__vibration__velocity_zone"] == 1.0


def test_history_that_is_cut_off_gives_the_rows_of_the_whole_and_the_newest_row_alone_is_the_last():
    taken = snapshots((10, fault(1797)), (40, fault(1797, 0.2)), (70, fault(1797, 0.5)))
    whole = extract(readings(), FEATURES, snapshots=taken)
    moment = START + pd.Timedelta("60h")

    seen = extract(readings()[lambda r: r["time"] <= moment], FEATURES, snapshots=taken[taken["time"] <= moment])
    newest = extract(readings(), FEATURES, snapshots=taken, only_last=True)

    pd.testing.assert_frame_equal(seen, whole[whole["time"] <= moment], check_exact=True)
    pd.testing.assert_frame_equal(newest, whole.tail(1).reset_index(drop=True), check_exact=True)


def test_a_snapshot_recorded_late_or_grown_old_does_not_speak():
    late = snapshots((10, fault(1797))).assign(recorded_at=START + pd.Timedelta("40h"))

    age = extract(readings(), FEATURES, snapshots=late).set_index("time")["drive_end__vibration__age"]

    assert age[START + pd.Timedelta("36h")] != age[START + pd.Timedelta("36h")]
    assert age[START + pd.Timedelta("48h")] == 38.0
    assert age[START + pd.Timedelta("72h")] == 62.0
    assert np.isnan(age[START + pd.Timedelta("84h")])


def test_a_class_from_toml_reads_its_files_and_a_broken_one_is_counted(tmp_path):
    (tmp_path / "pump.toml").write_text(TOML)
    pump = load_class(tmp_path / "pump.toml")
    assert pump.feature_set.vibration == (POINT,)
    folder = tmp_path / "waveforms" / "drive_end" / "P-1"
    folder.mkdir(parents=True)
    np.save(folder / "20260102T000000Z.npy", fault(1797))
    (folder / "20260103T000000Z.csv").write_text("h\nbroken\n")
    found = []

    taken = read_snapshots(tmp_path / "waveforms", pump.feature_set, Scale(pump.axis))
    table = extract(readings(), pump.feature_set, snapshots=taken, gaps=found.extend).set_index("time")

    assert table["drive_end__vibration__rms"].notna().sum() == 2
    assert (found[-1].channel, found[-1].windows, found[-1].short) == ("drive_end", 2, 1)
    assert [path.endswith(".npy") for path, *_ in fingerprint(taken)] == [True, False]
    assert len(read_snapshots(tmp_path / "waveforms", pump.feature_set, Scale(pump.axis), until=START)) == 0
    (folder / "yesterday.npy").write_bytes(b"")
    with pytest.raises(UnreadableFile, match="name of a snapshot is its time"):
        read_snapshots(tmp_path / "waveforms", pump.feature_set, Scale(pump.axis))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("rate = 12800", "rat = 12800", r"pump\.toml:16: .*nobody knows this key"),
        ("rate = 12800", "rate = -1", r"pump\.toml:16: "),
        ("elements = 9", "elements = 0", r"pump\.toml:25: "),
        ("pitch_diameter = 1.537", "pitch_diameter = 0.1", r"pump\.toml:14: .*no bearing has 9 elements"),
        ("zones = [1.4, 2.8, 4.5]", "zones = [3.0, 2.8, 4.5]", r"pump\.toml:14: .*do not rise"),
        ("[2000, 4000]", "[2000, 40000]", r"pump\.toml:14: .*no band 2000-40000 Hz"),
        ('speed = "speed"', 'speed = "sped"', r"pump\.toml:19: channel 'sped' is not defined"),
        ('speed = "speed"', "", r"pump\.toml:14: .*needs either a speed channel or speed_rpm"),
        ('name = "drive_end"', 'name = "speed"', r"bears the name of a channel"),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path, old, new, told):
    (tmp_path / "pump.toml").write_text(TOML.replace(old, new, 1))

    with pytest.raises(DefinitionError, match=told):
        load_class(tmp_path / "pump.toml")


def test_every_column_has_a_sentence_with_its_unit(tmp_path):
    (tmp_path / "pump.toml").write_text(TOML)
    pump = load_class(tmp_path / "pump.toml")
    names = [name for name in feature_names(pump.feature_set) if "vibration" in name]
    said = {name.rpartition("__")[2]: describe_feature(name, pump).sentence for name in names}

    assert len(set(said.values())) == len(names) == 16
    assert not any("_" in sentence for sentence in said.values())
    assert said["velocity_rms"] == "vibration velocity of drive end, horizontal, mm/s"
    assert said["band_2000_4000"] == "vibration of drive end, horizontal between 2000 and 4000 Hz, g"
    assert said["age"] == "age of the vibration snapshot of drive end, horizontal, h"


def test_a_stream_and_a_point_that_nobody_knows_are_refused_with_a_sentence():
    with pytest.raises(InputError, match="vibration snapshots, which a stream"):
        FeatureStream(FEATURES, keep="1d")
    with pytest.raises(InputError, match="unknown points: drive_end"):
        extract(
            readings(),
            replace(FEATURES, vibration=(replace(POINT, name="fan_end"),)),
            snapshots=snapshots((1, [0.0] * 16)),
        )
    assert lookback(FEATURES, Axis()) is None
