"""Commands around a training: reproduce it, tune its learner, and see what the challenger would have said in use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pdm.cli.common import HERE, Home, Json, answer, counted, open_plant, table
from pdm.cli.models import ClassName


def reproduce(
    run: Annotated[str, typer.Argument(help="A run's id, or the version of the bundle that it made.")],
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Train once more from the data that a run saw and compare every figure; fails when one is different.

    Nothing is registered. Needs the extra `train`.
    """
    from pdm.operations.reproduce_run import reproduce_run

    found = reproduce_run(open_plant(home), run)
    rows = [
        (figure.name, _number(figure.logged), _number(figure.now), "" if figure.same else "DIFFERENT")
        for figure in found.figures
    ]
    count = len(found.different)
    verdict = (
        f"{count} of {counted(len(rows), 'figure')} came out differently"
        if count
        else f"all {len(rows)} figures are the same"
    )
    lines = [table(rows, ("figure", "logged", "now", "")), *found.notes, f"{found.version}: {verdict}"]
    answer(found, "\n".join(lines), as_json=as_json)
    if count:
        raise typer.Exit(1)


def tune(
    asset_class: ClassName,
    trials: Annotated[int, typer.Option(help="So many trials in all; a study goes on where it stopped.", min=1)] = 12,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Try other settings of the learner on the past alone and propose the best as TOML; the test period is never looked at."""
    from pdm.operations.tune_model import tune_model

    found = tune_model(open_plant(home), asset_class, trials=trials)
    sentence = (
        f"best of {counted(found.trials, 'trial')}: {found.score:.3f} of the present error; proposal: {found.proposal}"
    )
    answer(found, sentence, as_json=as_json)


def shadow(
    asset_class: ClassName,
    since: Annotated[str, typer.Option(help="How far to look back.")] = "30d",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Lay what the challenger has said in use beside what the champion said at the same moments; its answers raised nothing."""
    from pdm.operations.compare_shadow import compare_shadow
    from pdm.units import duration

    found = compare_shadow(open_plant(home), asset_class, since=duration(since))
    rows = [
        (
            line.asset,
            line.mode,
            line.moments,
            f"{line.champion:.3f}",
            f"{line.challenger:.3f}",
            line.champion_above,
            line.challenger_above,
        )
        for line in found.lines
    ]
    headings = ("asset", "mode", "asked", "champion", "challenger", "champion above", "challenger above")
    sentence = (
        f"{counted(found.moments, 'pair')} of answers, {found.agree:.1%} on the same side of the alert threshold; "
        f"above it alone: challenger {found.only_challenger}, champion {found.only_champion}"
    )
    answer(found, f"{table(rows, headings)}\n{sentence}", as_json=as_json)


def matrix(
    asset_class: ClassName,
    file: Annotated[Path, typer.Argument(help="Where to write it: matrix.parquet.")],
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Write features, labels, periods and folds of a class into one Parquet file, for a model of your own."""
    from pdm.operations.export_matrix import export_matrix

    found = export_matrix(open_plant(home), asset_class, file)
    columns = f"{len(found.features)} features and {len(found.labels)} label columns"
    answer(found, f"{counted(found.rows, 'row')} with {columns} in {found.path}", as_json=as_json)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"
