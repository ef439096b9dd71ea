"""Commands about models: build features, train, evaluate, promote, go back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from pdm.cli.common import HERE, By, Home, Json, answer, counted, me, open_plant, table
from pdm.cli.times import past

ClassName = Annotated[str, typer.Argument(help="Asset class, as features/ and models/ define it: pump.")]


_GAPS = 8
"""So many channels with gaps are listed, the worst first; `--json` has all."""


def features(asset_class: ClassName, home: Home = HERE, as_json: Json = False) -> None:
    """Compute the feature table of a class from its whole history; nothing is computed when nothing has changed."""
    from pdm.extraction.gaps import worst
    from pdm.operations.build_features import build_features

    built = build_features(open_plant(home), asset_class)
    gaps = worst(built.gaps)
    value = {"rows": len(built.frame), "features": len(built.features), "path": built.path, "versions": built.versions}
    value["gaps"] = gaps
    again = " (nothing has changed)" if built.reused else ""
    sentence = f"{counted(len(built.frame), 'row')} x {len(built.features)} features in {built.path}{again}"
    if gaps:
        sentence += "\nempty where too little was measured:\n" + "\n".join(f"  {gap.sentence}" for gap in gaps[:_GAPS])
    answer(value, sentence, as_json=as_json)


def train(
    asset_class: ClassName,
    known_at: Annotated[
        str | None,
        typer.Option(
            help="Learn only from what was known then: ISO on the plant's clock, or how long ago, such as 45d."
        ),
    ] = None,
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Train a model and put it up as challenger; `evaluate` shows all its figures, `promote` puts it in charge.

    Needs the extra `train`.
    """
    from pdm.operations.train_model import train_model
    from pdm.registry.promotion import way

    plant = open_plant(home)
    then = None if known_at is None else past(known_at, plant.clock.now(), plant.settings.time_zone)
    result = train_model(plant, asset_class, author=by or me(), known_at=then)
    deciding = {name: value for name, value in result.metrics.items() if way(name) is not None}
    sentence = (
        f"{result.name} {result.version} is the challenger now; report: {result.report}\n"
        f"{result.ladder.words}\n"
        f"{_line(result.selection)}"
        f"{''.join(_line(sentence) for sentence in result.hidden)}"
        f"{_figures(deciding)}\n"
        f"leak guard:\n{result.leaks.words}\n"
        f"all figures: plantpdm evaluate {asset_class} --version challenger"
    )
    answer(result, sentence, as_json=as_json)


def evaluate(
    asset_class: ClassName,
    version: Annotated[str, typer.Option(help="champion, challenger or a version.")] = "champion",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Print the held-out figures of a model, and how it has done on what came since its training."""
    from pdm.operations.evaluate_model import card_of, evaluate_model
    from pdm.registry.card import model_card

    plant = open_plant(home)
    metrics = evaluate_model(plant, asset_class, version)
    found = model_card(card_of(plant, asset_class, version))
    due = found.overdue(plant.clock.now())
    made = f"{found.version}, trained {found.trained_at:%Y-%m-%d} by {found.owner or 'nobody named'}"
    answer(metrics, "\n".join([made, *([due] if due else []), found.words, _figures(metrics)]), as_json=as_json)


def card(
    asset_class: ClassName,
    version: Annotated[str, typer.Option(help="champion, challenger or a version.")] = "champion",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Show a model's card: who answers for it and until when, what it learnt from, what it cannot answer, and the leak guard's report."""
    from pdm.operations.evaluate_model import card_of
    from pdm.registry.card import model_card

    plant = open_plant(home)
    found = model_card(card_of(plant, asset_class, version))
    now = plant.clock.now()
    answer({"overdue": found.overdue(now), "card": found}, found.text(now).rstrip(), as_json=as_json)


def promote(
    asset_class: ClassName,
    approved_by: Annotated[str, typer.Option(help="Who answers for it; it goes into the audit.")],
    version: Annotated[str, typer.Option(help="challenger or a version.")] = "challenger",
    seconded_by: Annotated[str, typer.Option(help="The second name, where the setting four_eyes asks for one.")] = "",
    reason: Annotated[str, typer.Option(help="Why; needed with --force.")] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Although a figure or the four-eyes rule is against it.")
    ] = False,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Put a model in charge of its class. Against a champion it must not be worse, and another person than its author approves."""
    from pdm.operations.promote_model import promote_model

    plant = open_plant(home)
    promotion = promote_model(
        plant, asset_class, version, approved_by=approved_by, seconded_by=seconded_by, reason=reason, force=force
    )
    marks = {True: "pass", False: "FAIL", None: "note"}
    sentences = [f"{asset_class}: {promotion.version} is the champion now"]
    sentences += [f"  {marks[line.passed]}  {line.name}: {line.reason}" for line in promotion.lines]
    answer(promotion, "\n".join(sentences), as_json=as_json)


def prune(
    asset_class: ClassName,
    keep: Annotated[int, typer.Option(help="How many of the newest stay in any case.", min=1)] = 10,
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Delete old models from this machine: all but the newest, champion, challenger and the last ten champions."""
    from pdm.operations.prune_bundles import prune_bundles

    deleted = prune_bundles(open_plant(home, quiet=True), asset_class, keep=keep, by=by or me())
    said = f"{counted(len(deleted), 'model')} deleted" + (f": {', '.join(deleted)}" if deleted else "")
    answer({"deleted": deleted}, f"{asset_class}: {said}", as_json=as_json)


def rollback(
    asset_class: ClassName,
    reason: Annotated[str, typer.Option(help="Why; it goes into the audit.")],
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Put the previous champion back in charge."""
    from pdm.operations.rollback_model import rollback_model

    promotion = rollback_model(open_plant(home), asset_class, by=by or me(), reason=reason)
    untold = f"\nthe tracker does not know of it: {promotion.untold}" if promotion.untold else ""
    answer(promotion, f"{asset_class}: {promotion.version} is in charge again{untold}", as_json=as_json)


def retrain(asset_class: ClassName, by: By = "", home: Home = HERE, as_json: Json = False) -> None:
    """Train a challenger on everything known now, verdicts included. Needs the extra `train`."""
    from pdm.operations.retrain import retrain as operation

    done = operation(open_plant(home), asset_class, author=by or me())
    labels = f"{counted(done.new_labels, 'label')} new to it"
    answer(done, f"{done.result.name} {done.result.version} is the challenger now; {labels}", as_json=as_json)


def _line(sentence: str) -> str:
    return f"{sentence}\n" if sentence else ""


def _figures(metrics: Mapping[str, float]) -> str:
    """Every figure with its name."""
    rows = [(name, f"{value:.4g}") for name, value in sorted(metrics.items())]
    return table(rows, ("figure", "value"), empty="no figures: too little was held out to judge it")
