"""Remaining life of NASA's C-MAPSS turbofans, by one fixed recipe for all subsets: `features/turbofan.toml` and `models/turbofan.toml`.

    python benchmarks/cmapss_rul.py --data DIR --subset FD001 [FD002 ...] [--predictions FILE.csv] [--chart FILE.svg] [--json]

Everything goes through `pdm.learning.train`, as in a plant. The recipe was chosen by cross-validation alone: five folds grouped by
engine, with the whole chain (regimes, health indices, boosters, calibration) fitted on the other folds, scored at uniformly random
cuts (each cycle from the 25th on weighs 1 / number of such cycles of its engine), labels and predictions capped at 125.

The test engines are answered once, each at its last cycle, all engines kept. Their truth is read by the reporting step alone, printed
with a 90 % bootstrap interval over engines and held against no threshold. Where the folder has no `RUL_FD00x.txt` there is no report.
The CSV has `subset,unit,rul,rul_p05,rul_p95,p_fail_30`: remaining life with its 90 % interval, and P(failure within 30 cycles).
CPU seconds are those of the process: reading, cross-validation, final fit, calibration and answers, everything included.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass, ModelDefinition
from pdm.catalogue.load import load_class, load_model
from pdm.datasets.cmapss import SUBSETS, cmapss_lives, read_cmapss
from pdm.errors import PdmError
from pdm.extraction import extract
from pdm.learning import metrics
from pdm.learning.apply import Predictor
from pdm.learning.derived import Source
from pdm.learning.protocols import CMAPSS_CAP, cmapss_report
from pdm.learning.splits import equal_weights
from pdm.learning.train import Trained, train
from pdm.learning.transforms import transforms_from
from pdm.learning.transforms.derive import derive_features, join_derived
from pdm.workspace import bundled_room

LIFE, SOON, HORIZON = "remaining_life", "degradation_within_30_cycles", 30.0
FIRST_CUT = 25
PUBLISHED = {
    "STAR 2024": (10.61, 13.47, 10.71, 15.87),
    "FFVE 2024": (12.31, 12.55, 12.43, 14.08),
    "DCNN 2018": (12.61, 22.36, 12.64, 23.31),
}
"""Test RMSE on FD001 to FD004: capped, last cycle, all engines (Sensors 24(3) 824; FFVE, code open; Li et al. 2018)."""


def definitions() -> tuple[AssetClass, ModelDefinition]:
    """The one recipe."""
    asset_class = load_class(bundled_room("features") / "turbofan.toml")
    return asset_class, load_model(bundled_room("models") / "turbofan.toml", {asset_class.name: asset_class})


def learn(engines: pd.DataFrame, asset_class: AssetClass, definition: ModelDefinition) -> Trained:
    """The platform's own training on the training engines."""
    lives = cmapss_lives(engines)
    features = own_features(engines, asset_class, definition, only_last=False)
    return train(features, lives, definition, asset_class, threads=1, source=Source(engines))


def own_features(
    engines: pd.DataFrame, asset_class: AssetClass, definition: ModelDefinition, *, only_last: bool
) -> pd.DataFrame:
    """The class's own feature set, where the model learns from it; else the keys alone."""
    if definition.class_features:
        return extract(engines, asset_class.feature_set, axis=asset_class.axis, only_last=only_last)
    keys = engines[["asset", "time"]]
    return keys.groupby("asset", as_index=False).tail(1).reset_index(drop=True) if only_last else keys


def answer(
    trained: Trained, engines: pd.DataFrame, asset_class: AssetClass, definition: ModelDefinition
) -> pd.DataFrame:
    """One row per engine, at its last cycle: the columns of the CSV without the subset."""
    fitted = transforms_from(trained.model.transforms)
    derived = derive_features(engines, fitted, definition, asset_class, only_last=True)
    rows = join_derived(own_features(engines, asset_class, definition, only_last=True), derived)
    said = Predictor(trained.model, 1).predict(rows[list(trained.model.feature_names)].to_numpy(dtype=np.float32))
    life = said.remaining[LIFE]
    return pd.DataFrame(
        {
            "asset": rows["asset"],
            "unit": rows["asset"].str[-3:].astype(int),
            "rul": life.mean,
            "rul_p05": life.low,
            "rul_p95": life.high,
            "p_fail_30": said.probabilities[SOON],
        }
    )


def cross_validated(trained: Trained, engines: pd.DataFrame) -> dict[str, Any]:
    """The figures that the recipe was chosen by."""
    answers = trained.answers[trained.answers["question"] == "new_assets"].sort_values(["asset", "position"])
    said, risk = answers[answers["target"] == LIFE], answers[answers["target"] == SOON]
    assert len(said) == len(risk) == len(engines)
    groups = pd.factorize(said["asset"])[0].astype(np.int64)
    cut = (said["position"] >= FIRST_CUT).to_numpy()
    weight = equal_weights(groups, cut)[cut]
    left = said["remaining"].to_numpy(dtype=np.float64)[cut]
    truth = np.minimum(left, CMAPSS_CAP)
    mean, low, high = (said[part].to_numpy(dtype=np.float64)[cut] for part in ("answer", "low", "high"))
    soon, came = risk["answer"].to_numpy(dtype=np.float64)[cut], (left <= HORIZON).astype(np.float64)

    def error(rows: Any) -> float:
        return metrics.rmse(mean[rows], truth[rows], weight[rows])

    return {
        "rmse": metrics.rmse(mean, truth, weight),
        "rmse_interval90": metrics.bootstrap_interval(error, groups[cut]),
        "coverage90": metrics.coverage(low, high, truth, weight),
        "width90": metrics.width(low, high, weight),
        "brier_30": metrics.brier(soon, came, weight),
        "ece_30": metrics.expected_calibration_error(soon, came, weight),
        "rmse_constant": metrics.rmse(np.full(len(truth), np.average(truth, weights=weight)), truth, weight),
        "rmse_age_only": trained.evaluation.baselines()[f"{LIFE}.new_assets.rmse_age_only"],
        "by_band": trained.model.facts["calibration"][LIFE]["bands"],
    }


def report(said: pd.DataFrame, folder: Path, subset: str) -> dict[str, Any] | None:
    """The one look at the truth of the test engines; None where the folder has none."""
    truth = read_cmapss(folder, subset).truth
    if truth is None:
        return None
    true = truth.loc[said["asset"]].to_numpy(dtype=np.float64)
    mean, low, high = (said[name].to_numpy(dtype=np.float64) for name in ("rul", "rul_p05", "rul_p95"))
    came, capped = (true <= HORIZON).astype(np.float64), np.minimum(true, CMAPSS_CAP)

    def interval(measure: Callable[[Any], float]) -> tuple[float, float]:
        return metrics.bootstrap_interval(measure, np.arange(len(true)), draws=1000)

    return {
        **cmapss_report(mean, low, high, true),
        "rmse_interval90": interval(lambda rows: metrics.rmse(mean[rows], capped[rows])),
        "rmse_raw_interval90": interval(lambda rows: metrics.rmse(mean[rows], true[rows])),
        "brier_30": metrics.brier(said["p_fail_30"].to_numpy(dtype=np.float64), came),
        "rmse_raw_of_perfect_capped": metrics.rmse(capped, true),
    }


def run(folder: Path, subset: str) -> tuple[dict[str, Any], pd.DataFrame]:
    """One subset from files to figures and answers."""
    started = time.process_time()
    asset_class, definition = definitions()
    data = read_cmapss(folder, subset)
    trained = learn(data.train, asset_class, definition)
    said = answer(trained, data.test, asset_class, definition)
    figures = cross_validated(trained, data.train)
    seconds = time.process_time() - started
    result = {
        "train_engines": data.train["asset"].nunique(),
        "test_engines": len(said),
        "features": len(trained.model.feature_names),
        "cross_validated": figures,
        "test": report(said, folder, subset),
        "cpu_seconds": round(seconds, 1),
    }
    said.insert(0, "subset", subset)
    return result, said.drop(columns="asset")


def chart(results: dict[str, Any], target: Path) -> None:
    """RMSE of every subset beside published figures, as SVG."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.4), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.subplots()
    subsets = [name for name in SUBSETS if name in results]
    bars: dict[str, tuple[list[float], list[tuple[float, float]] | None]] = {}
    cross = [results[name]["cross_validated"] for name in subsets]
    bars["plantpdm, cross-validated"] = [c["rmse"] for c in cross], [c["rmse_interval90"] for c in cross]
    tests = [results[name]["test"] or {} for name in subsets]
    missing = (float("nan"), float("nan"))
    bars["plantpdm, test"] = (
        [t.get("rmse_capped125", float("nan")) for t in tests],
        [t.get("rmse_interval90", missing) for t in tests],
    )
    for model, errors in PUBLISHED.items():
        bars[f"{model}, test"] = [errors[SUBSETS.index(name)] for name in subsets], None
    width = 0.8 / len(bars)
    for place, (label, (height, bounds)) in enumerate(bars.items()):
        at = np.arange(len(subsets)) + (place - (len(bars) - 1) / 2) * width
        spread = None if bounds is None else np.abs(np.array(bounds).T - np.array(height))
        axes.bar(at, height, width * 0.92, yerr=spread, label=label, capsize=2, error_kw={"linewidth": 1})
    axes.set_xticks(np.arange(len(subsets)), subsets)
    axes.set(ylabel="RMSE, cycles, capped at 125", title="Remaining life of turbofan engines (C-MAPSS)")
    axes.legend(fontsize=8, ncols=3, loc="upper left")
    axes.set_ylim(0, 31)
    figure.savefig(target, format="svg", metadata={"Date": None})


def lines(subset: str, result: dict[str, Any]) -> str:
    """A subset's figures for people."""
    cross, test = result["cross_validated"], result["test"]
    low, high = cross["rmse_interval90"]
    text = [
        f"{subset}: {result['train_engines']} training and {result['test_engines']} test engines, {result['features']} features, "
        f"{result['cpu_seconds']} CPU seconds",
        f"  cross-validated, random cuts, capped: RMSE {cross['rmse']:.2f} ({low:.2f} to {high:.2f}); "
        f"age only {cross['rmse_age_only']:.1f}, constant {cross['rmse_constant']:.1f}",
        f"  90 % interval: coverage {cross['coverage90']:.3f}, mean width {cross['width90']:.1f} cycles; "
        f"P(failure within 30): Brier {cross['brier_30']:.4f}, ECE {cross['ece_30']:.4f}",
    ]
    if test is None:
        return "\n".join([*text, "  test engines: answered; no truth file, hence no figures"])
    low, high = test["rmse_interval90"]
    text += [
        f"  test engines, capped: RMSE {test['rmse_capped125']:.2f} ({low:.2f} to {high:.2f}), score {test['nasa_score']:.0f}; "
        f"raw labels: RMSE {test['rmse_raw']:.2f} (a perfect capped answer: {test['rmse_raw_of_perfect_capped']:.1f})",
        f"  90 % interval: coverage {test['coverage90']:.3f}, mean width {test['width90']:.1f} cycles; Brier {test['brier_30']:.4f}",
    ]
    return "\n".join(text)


def main() -> None:
    """Run the subsets, print what they are worth, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train_FD001.txt and its fellows")
    parser.add_argument("--subset", nargs="+", choices=SUBSETS, default=["FD001"])
    parser.add_argument("--predictions", type=Path, help="CSV with one row per test engine")
    parser.add_argument("--chart", type=Path, help="SVG with our figures beside published ones")
    parser.add_argument("--json", action="store_true", help="one JSON line")
    given = parser.parse_args()
    results, answers = {}, []
    for subset in given.subset:
        try:
            results[subset], said = run(given.data, subset)
        except PdmError as error:
            sys.exit(f"{subset}: {error}")
        answers.append(said)
        if not given.json:
            print(lines(subset, results[subset]), flush=True)
    if given.predictions:
        pd.concat(answers, ignore_index=True).to_csv(given.predictions, index=False, float_format="%.4f")
    if given.chart:
        chart(results, given.chart)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    if given.json:
        print(json.dumps({"date": datetime.now(UTC).date().isoformat(), "machine": machine, "results": results}))
    else:
        print(f"{datetime.now(UTC).date().isoformat()}, {machine}", file=sys.stderr)


if __name__ == "__main__":
    main()
