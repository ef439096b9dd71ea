"""Commands for trust and for what can wait: who may do what by itself, and proposals to do preventive tasks later."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from pdm.cli.common import HERE, By, Home, Json, MaybeWhy, Why, answer, me, open_plant, table

trust_app = typer.Typer(help="See and set how far work requests may go by themselves.", no_args_is_help=True)
deferrals_app = typer.Typer(help="Propose to do preventive tasks of healthy machines later.", no_args_is_help=True)

ClassName = Annotated[str, typer.Argument(help="The asset class.")]
Rung = Annotated[Literal["show", "suggest", "draft", "automatic"], typer.Argument(help="As far as it may go.")]


@trust_app.command("list")
def show_trust(home: Home = HERE, as_json: Json = False) -> None:
    """List every failure mode with its rung, its ceiling and the figures behind it."""
    from pdm.operations.read_trust import read_trust

    lines = read_trust(open_plant(home, quiet=True))
    rows = [
        (
            line.trust.asset_class, line.trust.failure_mode, line.trust.rung, line.trust.ceiling,
            f"{line.figures.right}/{line.figures.cases}", f"{line.figures.bound:.0%}", line.asks,
        )
        for line in lines
    ]  # fmt: skip
    headings = ("class", "failure mode", "rung", "ceiling", "right", "at least", "next")
    answer(lines, table(rows, headings), as_json=as_json)


@trust_app.command("ceiling")
def ceiling(
    asset_class: ClassName,
    failure_mode: Annotated[str, typer.Argument(help="The failure mode.")],
    rung: Rung,
    why: Why,
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Say how far requests of a failure mode may go at most. Rungs below are still earned; a lower ceiling holds at once."""
    from pdm.operations.set_ceiling import set_ceiling

    done = set_ceiling(open_plant(home, quiet=True), asset_class, failure_mode, rung, by=by or me(), why=why)
    answer(done, f"{asset_class}/{failure_mode} stands at {done.rung}, its ceiling is {done.ceiling}", as_json=as_json)


@trust_app.command("demote")
def demote(
    asset_class: ClassName,
    why: Why,
    failure_mode: Annotated[str, typer.Option("--mode", help="Only this one.", show_default="all of the class")] = "",
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Take one rung away, for drift or on your word."""
    from pdm.operations.demote_trust import demote_trust

    done = demote_trust(open_plant(home, quiet=True), asset_class, failure_mode, by=by or me(), why=why)
    said = "\n".join(f"{one.asset_class}/{one.failure_mode} stands at {one.rung}" for one in done)
    answer(done, said, as_json=as_json)


@deferrals_app.command("list")
def list_deferrals(
    home: Home = HERE,
    left_out: Annotated[bool, typer.Option("--left-out", help="Also what may not wait, with the reason.")] = False,
    as_json: Json = False,
) -> None:
    """List preventive tasks that a healthy machine does not need yet, and what was proposed."""
    from pdm.operations.find_deferrals import find_deferrals

    found = find_deferrals(open_plant(home, quiet=True))
    rows = [
        (
            one.task.plan,
            one.task.asset,
            one.task.text,
            f"{one.task.due:%Y-%m-%d}",
            f"{one.until:%Y-%m-%d}",
            f"{one.risk:.1%}",
        )
        for one in found.candidates
    ]
    said = [table(rows, ("plan", "asset", "task", "due", "could wait until", "risk"), empty="nothing can wait")]
    if found.proposals:
        asked = [
            (one.id, one.plan, one.asset, one.state, one.approver, f"{one.until:%Y-%m-%d}") for one in found.proposals
        ]
        said.append(table(asked, ("id", "plan", "asset", "state", "asked", "until")))
    if left_out:
        others = [(task.plan, task.asset, task.text, why) for task, why in found.left_out]
        said.append(table(others, ("plan", "asset", "task", "why not"), empty="nothing is left out"))
    answer(found, "\n\n".join(said), as_json=as_json)


@deferrals_app.command("propose")
def propose(
    plan: Annotated[str, typer.Argument(help="Number of the preventive plan.")],
    asset: Annotated[str, typer.Argument(help="The machine.")],
    approver: Annotated[str, typer.Option(help="Who is asked to approve; nobody else may.")],
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Propose to do one task later, to a named person."""
    from pdm.operations.propose_deferral import propose_deferral

    done = propose_deferral(open_plant(home, quiet=True), plan, asset, approver=approver, by=by or me())
    answer(done, f"{done.id} is {done.state}: {done.approver} decides", as_json=as_json)


@deferrals_app.command("decide")
def decide(
    proposal: Annotated[str, typer.Argument(help="The proposal's id, as `deferrals list` shows it.")],
    approve: Annotated[bool, typer.Option("--approve/--decline", help="Yes or no.")],
    why: MaybeWhy = "",
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Decide about a proposal, if you are the one who was asked. The date is moved in the CMMS, by a planner."""
    from pdm.operations.decide_deferral import decide_deferral

    done = decide_deferral(open_plant(home, quiet=True), proposal, approve=approve, by=by or me(), why=why)
    answer(done, f"{done.id} is {done.state}", as_json=as_json)
