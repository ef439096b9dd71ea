"""Commands of the label factory: learn from coded work orders, suggest for the others, confirm."""

from __future__ import annotations

from typing import Annotated

import typer

from pdm.cli.common import HERE, By, Home, Json, answer, me, open_plant, table

labels_app = typer.Typer(
    help="Suggest item and mechanism from work-order texts; a person confirms.", no_args_is_help=True
)


@labels_app.command("train")
def train(home: Home = HERE, as_json: Json = False) -> None:
    """Learn from the plant's own coded failures and repairs; machines are held out to say how good it is."""
    from pdm.operations.suggest_labels import train_labels

    models = train_labels(open_plant(home))
    rows = [
        (
            name,
            len(model.answers) - ("" in model.answers),
            model.facts["with_an_answer"],
            f"{model.facts['held_out_accuracy']:.0%}",
            f"{model.facts['suggested_share']:.0%}",
            "-" if model.facts["suggestions_right"] is None else f"{model.facts['suggestions_right']:.0%}",
        )
        for name, model in models.items()
    ]
    headings = ("field", "answers", "coded texts", "right on other machines", "suggested", "suggestions right")
    answer({name: dict(model.facts) for name, model in models.items()}, table(rows, headings), as_json=as_json)


@labels_app.command("suggest")
def suggest(
    text: Annotated[str, typer.Argument(help="What somebody wrote.")], home: Home = HERE, as_json: Json = False
) -> None:
    """Say what one text is about, and how sure that is."""
    from pdm.operations.suggest_labels import suggest_label

    found = suggest_label(open_plant(home, quiet=True), text)
    rows = [
        (name, one.answer or "nothing known", f"{one.probability:.0%}", "yes" if one.sure else "no, ask somebody")
        for name, one in found.items()
    ]
    answer(found, table(rows, ("field", "suggestion", "probability", "sure")), as_json=as_json)


@labels_app.command("review")
def review(
    home: Home = HERE,
    unsure: Annotated[bool, typer.Option("--all", help="Also those of which no suggestion is sure.")] = False,
    as_json: Json = False,
) -> None:
    """List events without a code that wait for a person, the surest suggestion first."""
    from pdm.operations.suggest_labels import label_queue

    found = label_queue(open_plant(home, quiet=True), sure_only=not unsure)
    rows = [
        (
            one.event_id,
            one.asset,
            one.text[:50],
            *(
                f"{said.answer or '?'} {said.probability:.0%}" if said else "coded"
                for said in (one.item, one.mechanism)
            ),
        )
        for one in found
    ]
    headings = ("event", "asset", "text", "item", "mechanism")
    answer(found, table(rows, headings, empty="nothing waits"), as_json=as_json)


@labels_app.command("confirm")
def confirm(
    event: Annotated[str, typer.Argument(help="The event's id, as `labels review` shows it.")],
    item: Annotated[str, typer.Option(help="Damaged part, such as bearing.")] = "",
    mechanism: Annotated[str, typer.Option(help="What happened to it: wear, leakage.")] = "",
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Say what an event was about: it becomes a label for the next training, and the former version stays on record."""
    from pdm.operations.suggest_labels import confirm_label

    mode = confirm_label(open_plant(home, quiet=True), event, by=by or me(), item=item, mechanism=mechanism)
    sentence = f"{event} is now {mode}" if mode else f"{event} is labelled; no failure mode of its class fits"
    answer({"event": event, "failure_mode": mode}, sentence, as_json=as_json)
