"""W4 of the feature benchmark: vibration snapshots, beside the bare FFT of the same data, plain numpy and the other libraries."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from feature_peers import efficient, minimal, tsfresh_table
from feature_workloads import RATE_HZ

from pdm.extraction.vibration import BearingGeometry, vibration_features

Floats = npt.NDArray[np.float64]
BEARING, RPM = BearingGeometry(9, 7.94, 39.04), 1797.0
BANDS = tuple((low, low + 1500.0) for low in np.arange(7) * 1500.0)


def ours(waves: Floats) -> object:
    """Level and shape, seven bands, centroid, velocity, envelope and its fault lines."""
    return vibration_features(waves, RATE_HZ, bearing=BEARING, speed_rpm=RPM, bands=BANDS)


def plain(waves: Floats) -> dict[str, Any]:
    """The same kinds of features as one writes them down: one snapshot after the other, the envelope by `scipy.signal.hilbert`."""
    signal = import_module("scipy.signal")
    found = []
    for wave in waves - waves.mean(axis=1, keepdims=True):
        power = np.abs(np.fft.rfft(wave)) ** 2
        frequency = np.fft.rfftfreq(len(wave), 1.0 / RATE_HZ)
        bands = [power[(frequency >= low) & (frequency < high)].sum() for low, high in BANDS]
        passed = np.fft.irfft(np.where((frequency > 6400.0) & (frequency < 11520.0), np.fft.rfft(wave), 0.0))
        envelope = np.abs(signal.hilbert(passed))
        lines = np.abs(np.fft.rfft(envelope - envelope.mean()))
        rms = np.sqrt((wave**2).mean())
        found.append(
            (rms, np.abs(wave).max(), (wave**4).mean() / rms**4, (power * frequency).sum(), *bands, lines[107])
        )
    return {"found": found}


def jobs(waves: Floats, *, quick: bool) -> dict[str, tuple[Callable[[], object], int]]:
    """Name -> (work, snapshots it is of)."""
    count = len(waves)

    def spectral() -> object:
        peer = import_module("tsfel")
        frame = pd.DataFrame({"s": waves[0]})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return peer.time_series_features_extractor(
                peer.get_features_by_domain("spectral"), frame, fs=RATE_HZ, verbose=0, n_jobs=None
            )

    found: dict[str, tuple[Callable[[], object], int]] = {
        "ours, vibration": (lambda: ours(waves), count),
        "bare FFT (numpy, float64)": (lambda: np.fft.rfft(waves, axis=1), count),
        "plain numpy and hilbert": (lambda: plain(waves), count),
        "tsfresh, minimal": (lambda: tsfresh_table(waves[:4], minimal()), 4),
    }
    if not quick:
        found["tsfel, spectral"] = (spectral, 1)
        found["tsfresh, efficient"] = (lambda: tsfresh_table(waves[:1], efficient()), 1)
    return found
