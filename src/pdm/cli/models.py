"""Commands about models: build features, train, evaluate, promote, go back."""

from __future__ import annotations

from typing import Annotated

import typer

from pdm.cli.common import HERE, By, Home, Json, answer, me, open_plant, table

ClassName = Annotated[str, typer.Argument(help="Asset class, as features/ and models/ define it.")]


def features(asset_class: ClassName, home: Home = HERE, as_json: Json = False) -> None:
    """Compute the feature table of a class from its whole history."""
    from pdm.operations.build_features import build_features

    built = build_features(open_plant(home), asset_class)
    value = {"rows": len(built.frame), "features": len(built.features), "path": built.path, "versions": built.versions}
    answer(value, f"{len(built.frame)} rows x {len(built.features)} features in {built.path}", as_json=as_json)


def train(asset_class: ClassName, by: By = "", home: Home = HERE, as_json: Json = False) -> None:
    """Train a model and put it up as challenger; `evaluate` shows its figures, `promote` puts it in charge."""
    from pdm.operations.train_model import train_model

    result = train_model(open_plant(home), asset_class, author=by or me())
    rows = [(name, f"{value:.4g}") for name, value in sorted(result.metrics.items())]
    sentence = (
        f"{result.name} {result.version} is the challenger now; report: {result.report}\n{table(rows, ('metric', ''))}"
    )
    answer(result, sentence, as_json=as_json)


def evaluate(
    asset_class: ClassName,
    version: Annotated[str, typer.Option(help="champion, challenger or a version.")] = "champion",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Print the held-out figures of a model."""
    from pdm.operations.evaluate_model import evaluate_model

    metrics = evaluate_model(open_plant(home), asset_class, version)
    rows = [(name, f"{value:.4g}") for name, value in sorted(metrics.items())]
    answer(metrics, table(rows, ("metric", "")), as_json=as_json)


def promote(
    asset_class: ClassName,
    approved_by: Annotated[str, typer.Option(help="Who answers for it; it goes into the audit.")],
    version: Annotated[str, typer.Option(help="challenger or a version.")] = "challenger",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Put a model in charge of its class."""
    from pdm.operations.promote_model import promote_model

    promotion = promote_model(open_plant(home), asset_class, version, approved_by=approved_by, reason=reason)
    answer(promotion, f"{asset_class}: {promotion.version} is the champion now", as_json=as_json)


def rollback(
    asset_class: ClassName,
    by: By = "",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Put the previous champion back in charge."""
    from pdm.operations.rollback_model import rollback_model

    promotion = rollback_model(open_plant(home), asset_class, by=by or me(), reason=reason)
    answer(promotion, f"{asset_class}: {promotion.version} is in charge again", as_json=as_json)


def retrain(asset_class: ClassName, by: By = "", home: Home = HERE, as_json: Json = False) -> None:
    """Train a challenger on everything known now, verdicts included."""
    from pdm.operations.retrain import retrain as operation

    done = operation(open_plant(home), asset_class, author=by or me())
    sentence = f"{done.result.name} {done.result.version} is the challenger now; {done.new_labels} labels are new to it"
    answer(done, sentence, as_json=as_json)
