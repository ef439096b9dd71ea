"""Vibration snapshots against a naive twin (scipy's Hilbert transform, sums in the time domain) and numbers worked out by hand."""

import numpy as np
import pytest
from scipy.signal import hilbert

from pdm.errors import InputError
from pdm.extraction.vibration import BearingGeometry, VelocityLimits, band_envelope, vibration_features

RATE = 25_600.0
SKF_6205 = BearingGeometry(9, 7.94, 39.04)


def noise(k=4, n=2560, seed=1):
    return np.random.default_rng(seed).normal(size=(k, n)) + 0.3


def knocks(rate, seconds=1.0, ring=4000.0, height=2.0):
    """A structure that rings at `ring` Hz whenever a fault is hit."""
    t = np.arange(int(RATE * seconds)) / RATE
    since = t % (1.0 / rate)
    return height * np.exp(-since * 800.0) * np.sin(2 * np.pi * ring * since) + 0.05 * noise(1, len(t))[0]


def naive(signal, bands, low, high):
    """The same features, the long way round."""
    x = signal - signal.mean()
    n = len(x)
    frequency = np.fft.rfftfreq(n, 1 / RATE)

    def only(first, last):
        lines = np.fft.rfft(x)
        lines[(frequency < first) | (frequency >= last)] = 0
        return np.fft.irfft(lines, n)

    rms = np.sqrt(np.mean(x**2))
    power = np.abs(np.fft.fft(x)) ** 2
    two_sided = np.abs(np.fft.fftfreq(n, 1 / RATE))
    lines = np.fft.rfft(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        velocity = np.where(frequency > 0, lines / (2j * np.pi * frequency), 0)
    velocity[(frequency < 10) | (frequency >= 1000)] = 0
    envelope = np.abs(hilbert(only(low, high)))
    return {
        "rms": rms,
        "peak": np.abs(x).max(),
        "crest": np.abs(x).max() / rms,
        "kurtosis": np.mean(x**4) / np.mean(x**2) ** 2,
        "centroid": (power * two_sided).sum() / power.sum(),
        "velocity_rms": 9806.65 * np.sqrt(np.mean(np.fft.irfft(velocity, n) ** 2)),
        **{f"band_{a:g}_{b:g}": np.sqrt(np.mean(only(a, b) ** 2)) for a, b in bands},
    }, envelope


@pytest.mark.parametrize("n", [2560, 2559, 4096])
def test_features_equal_the_naive_twin(n):
    bands = ((0.0, 1000.0), (2000.0, 4000.0), (10_000.0, 12_800.0))
    signals = noise(n=n)

    found = vibration_features(signals, RATE, bands=bands)

    for row, signal in enumerate(signals):
        expected, _ = naive(signal, bands, 6400.0, 11_520.0)
        for name, value in expected.items():
            assert found[name][row] == pytest.approx(value, rel=1e-10), name


def test_the_envelope_of_a_band_is_the_hilbert_transform_of_the_band_alone():
    signals = noise()
    spectrum = np.fft.rfft(signals - signals.mean(axis=1, keepdims=True), axis=1)

    envelope, rate = band_envelope(spectrum, 2560, RATE, 4000.0, 5280.0)

    every = round(RATE / rate)
    assert (rate, every) == (2560.0, 10)
    for row, signal in enumerate(signals):
        np.testing.assert_allclose(envelope[row], naive(signal, (), 4000.0, 5280.0)[1][::every], rtol=1e-9)


def test_envelope_lines_equal_those_of_the_whole_hilbert_envelope():
    line = SKF_6205.frequencies(1797)["bpfo"]
    signal = knocks(line)
    found = vibration_features(
        signal, RATE, bearing=SKF_6205, speed_rpm=1797, envelope_band=(2000.0, 6000.0), harmonics=1
    )

    envelope = naive(signal, (), 2000.0, 6000.0)[1]
    amplitude = 2 * np.abs(np.fft.rfft(envelope - envelope.mean())) / len(envelope)
    expected = amplitude[round(line) - 3 : round(line) + 4].max()

    assert found["envelope_bpfo"] == pytest.approx(expected, rel=1e-3)


def test_bearing_frequencies_are_those_worked_out_by_hand():
    # 29.95 Hz, d/D = 7.94/39.04 = 0.203381: 4.5 x 29.95 x 0.796619, 4.5 x 29.95 x 1.203381, 39.04/15.88 x 29.95 x 0.958636, ...
    assert SKF_6205.frequencies(1797) == pytest.approx(
        {"bpfo": 107.364, "bpfi": 162.186, "bsf": 70.584, "ftf": 11.929}, abs=2e-3
    )
    tilted = BearingGeometry(12, 10.0, 50.0, contact_angle=60.0).frequencies(600)
    assert tilted == pytest.approx({"bpfo": 54.0, "bpfi": 66.0, "bsf": 24.75, "ftf": 4.5})


@pytest.mark.parametrize("fault", ["bpfo", "bpfi", "bsf"])
def test_a_fault_shows_at_its_own_frequency_above_all_others(fault):
    rate = SKF_6205.frequencies(1797)[fault]

    # Second and third harmonics of different faults lie side by side in this bearing.
    found = vibration_features(
        knocks(rate), RATE, bearing=SKF_6205, speed_rpm=1797, envelope_band=(2000.0, 6000.0), harmonics=1
    )

    lines = {name: found[f"envelope_{name}"] for name in ("bpfo", "bpfi", "bsf", "ftf")}
    assert max(lines, key=lines.__getitem__) == fault
    assert lines[fault] > 5 * max(value for name, value in lines.items() if name != fault)


def test_a_pure_tone_has_the_velocity_that_a_handbook_says_and_its_zone():
    t = np.arange(25_600) / RATE
    limits = VelocityLimits(1.4, 2.8, 4.5)
    # 1 m/s2 amplitude at 50 Hz: 1000 / (2 pi 50) = 3.183 mm/s amplitude, 2.251 mm/s RMS.
    tone = np.sin(2 * np.pi * 50.0 * t)

    found = vibration_features(np.stack([tone, tone * 0.1, tone * 10]), RATE, limits=limits, unit="m/s2")

    np.testing.assert_allclose(found["velocity_rms"], [2.25079, 0.225079, 22.5079], rtol=1e-5)
    assert found["velocity_zone"].tolist() == [1.0, 0.0, 3.0]
    assert vibration_features(tone, RATE, unit="m/s2")["centroid"] == pytest.approx(50.0)


def test_bands_that_share_the_spectrum_add_up_to_the_whole():
    found = vibration_features(noise(), RATE, bands=((0.0, 3000.0), (3000.0, 9000.0), (9000.0, 13_000.0)))

    parts = sum(found[name] ** 2 for name in found if name.startswith("band_"))
    np.testing.assert_allclose(parts, found["rms"] ** 2, rtol=1e-12)


def test_a_snapshot_with_a_gap_is_nan_and_spoils_no_other():
    signals = noise()
    whole = vibration_features(signals, RATE)
    signals[1, 7] = np.nan

    found = vibration_features(signals, RATE)

    for name, values in found.items():
        assert np.isnan(values[1])
        np.testing.assert_array_equal(values[[0, 2, 3]], whole[name][[0, 2, 3]])


def test_a_snapshot_alone_gives_what_it_gives_among_others_bit_for_bit():
    signals = noise(k=40, n=4000)
    options = {"bands": ((0.0, 1000.0), (2000.0, 4000.0)), "bearing": SKF_6205, "speed_rpm": 1797.0}

    together = vibration_features(signals, RATE, **options)

    for row in (0, 17, 39):
        assert vibration_features(signals[row], RATE, **options) == {name: v[row] for name, v in together.items()}


def test_silence_has_no_shape_but_a_level_of_zero():
    found = vibration_features(np.zeros(256), 1000.0)

    assert (found["rms"], found["peak"], found["velocity_rms"]) == (0.0, 0.0, 0.0)
    assert np.isnan([found["crest"], found["kurtosis"], found["centroid"]]).all()


def test_integers_are_computed_as_floats():
    counts = (noise(1)[0] * 1e4).astype(np.int16)

    assert vibration_features(counts, RATE) == vibration_features(counts.astype(float), RATE)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"bearing": SKF_6205}, "speed_rpm"),
        ({"bearing": SKF_6205, "speed_rpm": 0.0}, "speed_rpm"),
        ({"bands": [(5000.0, 2000.0)]}, "no band"),
        ({"bands": [(20_000.0, 30_000.0)]}, "no band"),
        ({"envelope_band": (2000.0, 2001.0)}, "no envelope"),
        ({"unit": "mm"}, "'mm'"),
    ],
)
def test_what_cannot_be_computed_is_refused_with_a_sentence(options, told):
    with pytest.raises(InputError, match=told):
        vibration_features(noise(), RATE, **options)


def test_impossible_bearings_limits_and_waveforms_are_refused():
    with pytest.raises(InputError, match="no bearing"):
        BearingGeometry(9, 40.0, 39.0)
    with pytest.raises(InputError, match="do not rise"):
        VelocityLimits(2.8, 1.4, 4.5)
    with pytest.raises(InputError, match="no snapshot"):
        vibration_features([1.0, 2.0], RATE)
    with pytest.raises(InputError, match="3 dimensions"):
        vibration_features(np.zeros((2, 2, 64)), RATE)
