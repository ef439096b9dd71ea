"""Commands about features: build their table, list and explain them, and say what they cost."""

from __future__ import annotations

from typing import Annotated

import typer
from typer.core import TyperGroup

from pdm.cli import models
from pdm.cli.common import HERE, Home, Json, answer, open_plant, table
from pdm.cli.models import ClassName


class _BuildUnlessNamed(TyperGroup):
    """`plantpdm features pump` has always meant to build: a first word that is no command is taken for a class."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # click's own context
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = ["build", *args]
        return super().parse_args(ctx, args)


features_app = typer.Typer(
    help="What is computed from the readings: build the table, list and explain its columns, time them.",
    cls=_BuildUnlessNamed,
    no_args_is_help=True,
)
features_app.command("build")(models.features)


@features_app.command("list")
def list_features(asset_class: ClassName, home: Home = HERE, as_json: Json = False) -> None:
    """List the features of a class in the order of its table, each with who computes it and what it says."""
    from pdm.extraction import describe_feature
    from pdm.extraction.plan import make_plan

    definition = open_plant(home, quiet=True).catalogue.asset_class(asset_class)
    plan = make_plan(definition.feature_set, definition.axis)
    by = {column: "kernel" for block in plan.blocks for column in (*block.columns, *block.held_columns)}
    by |= {column: "tsfresh" for block in plan.blocks for column in block.slow_columns}
    value = [
        {"feature": name, "by": by.get(place, "history"), "meaning": describe_feature(name, definition).sentence}
        for place, name in enumerate(plan.names)
    ]
    rows = [(item["feature"], item["by"], item["meaning"]) for item in value]
    answer(value, table(rows, ("feature", "by", "meaning")), as_json=as_json)


@features_app.command("describe")
def describe(
    asset_class: ClassName,
    feature: Annotated[str, typer.Argument(help="A feature's name: discharge_pressure@24h__mean.")],
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Say in words what one feature of a class is, with its unit and window."""
    from pdm.errors import NotFound
    from pdm.extraction import describe_feature, feature_names

    definition = open_plant(home, quiet=True).catalogue.asset_class(asset_class)
    if feature not in feature_names(definition.feature_set, definition.axis):
        raise NotFound(f"class {asset_class} has no feature {feature!r}", hint=f"plantpdm features list {asset_class}")
    described = describe_feature(feature, definition)
    answer(described, described.sentence, as_json=as_json)


@features_app.command("time")
def time_features(
    asset_class: ClassName,
    windows: Annotated[int, typer.Option(help="So many windows per measurement.", min=1)] = 2000,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Time every calculator of a class on made-up data: CPU microseconds per window of one channel, the dearest first."""
    from pdm.extraction.cost import calculator_costs

    definition = open_plant(home, quiet=True).catalogue.asset_class(asset_class)
    costs = calculator_costs(definition.feature_set, definition.axis, windows=windows)
    rows = [(c.calculator, c.window, c.rows, c.by, c.columns, f"{c.microseconds:.2f}") for c in costs]
    headings = ("calculator", "window", "readings", "by", "columns", "us per window")
    answer(costs, table(rows, headings, empty="this class computes nothing over windows"), as_json=as_json)


@features_app.command("compile")
def compile_features(home: Home = HERE, as_json: Json = False) -> None:
    """Compile the kernels that the plant's classes need: while an image is built, or before the service starts."""
    from pdm.extraction.compiling import compile_kernels
    from pdm.extraction.plan import make_plan

    plant = open_plant(home)
    classes, models = plant.catalogue.classes, plant.catalogue.models
    sets = [(one.feature_set, one.axis) for one in classes.values()]
    sets += [(one.derived_features, classes[name].axis) for name, one in models.items() if one.derived_features]
    blocks = [block for features, axis in sets for block in make_plan(features, axis).blocks]
    seconds = compile_kernels((output for block in blocks for output in block.outputs), plant.progress)
    told = f"compiled {len(seconds)} families of kernels in {sum(seconds.values()):.0f} s of processor time"
    answer(seconds, told if seconds else "everything is compiled already", as_json=as_json)
