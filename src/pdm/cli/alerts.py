"""Commands for the engineer who looks after alerts: list and answer them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from pdm.cli.common import HERE, By, Home, Json, MaybeWhy, Why, answer, me, open_plant, plain, table

alerts_app = typer.Typer(help="Look at alerts and answer them.", no_args_is_help=True)

AlertId = Annotated[str, typer.Argument(help="The alert's id, as `alerts list` shows it.")]


@alerts_app.command("list")
def list_alerts(
    home: Home = HERE,
    all_states: Annotated[bool, typer.Option("--all", help="Also pending and closed ones.")] = False,
    asset: Annotated[str | None, typer.Option(help="Only of this asset.")] = None,
    as_json: Json = False,
) -> None:
    """List the open alerts, newest first."""
    from pdm.alerts.alert import OPEN_STATES
    from pdm.views.alert_notes import notes

    plant = open_plant(home, quiet=True)
    with plant.unit_of_work() as work:
        alerts = work.alerts.list(asset=asset, states=None if all_states else sorted(OPEN_STATES))
    said = notes(plant, alerts)
    rows = [
        (a.id, a.asset, a.failure_mode, a.state, f"{a.probability:.0%}", a.owner or "-", a.case_id, said.get(a.id, ""))
        for a in alerts
    ]
    headings = ("id", "asset", "failure mode", "state", "risk", "owner", "case", "note")
    told = [plain(a) | {"note": said.get(a.id, "")} for a in alerts]
    answer(told, table(rows, headings, empty="no alerts" if all_states else "no open alerts"), as_json=as_json)


@alerts_app.command("acknowledge")
def acknowledge(alert: AlertId, by: By = "", why: MaybeWhy = "", home: Home = HERE, as_json: Json = False) -> None:
    """Say that you have seen it. Of an alert that went back it is the answer that ends it, and takes a reason."""
    from pdm.operations.answer_alert import acknowledge_alert

    done = acknowledge_alert(open_plant(home, quiet=True), alert, by=by or me(), why=why)
    answer(done, f"{alert} is {done.state}", as_json=as_json)


@alerts_app.command("claim")
def claim(alert: AlertId, by: By = "", why: MaybeWhy = "", home: Home = HERE, as_json: Json = False) -> None:
    """Take it as your own."""
    from pdm.operations.answer_alert import claim_alert

    done = claim_alert(open_plant(home, quiet=True), alert, by=by or me(), why=why)
    answer(done, f"{alert} is {done.owner}'s", as_json=as_json)


@alerts_app.command("release")
def release(alert: AlertId, by: By = "", why: MaybeWhy = "", home: Home = HERE, as_json: Json = False) -> None:
    """Give it back to everybody."""
    from pdm.operations.answer_alert import release_alert

    done = release_alert(open_plant(home, quiet=True), alert, by=by or me(), why=why)
    answer(done, f"{alert} is nobody's", as_json=as_json)


@alerts_app.command("shelve")
def shelve(
    alert: AlertId,
    why: Why,
    days: Annotated[float, typer.Option(help="For how long; at most 92.", min=0.04)] = 7.0,
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Put it aside for a while; it comes back by itself."""
    from pdm.clock import in_zone
    from pdm.operations.answer_alert import shelve_alert

    plant = open_plant(home, quiet=True)
    until = plant.clock.now() + timedelta(days=days)
    done = shelve_alert(plant, alert, by=by or me(), why=why, until=until)
    shown = in_zone(until, plant.settings.time_zone).strftime("%Y-%m-%d %H:%M %Z")
    answer(done, f"{alert} is shelved until {shown}", as_json=as_json)


@alerts_app.command("unshelve")
def unshelve(alert: AlertId, by: By = "", why: MaybeWhy = "", home: Home = HERE, as_json: Json = False) -> None:
    """Bring a shelved one back before its time."""
    from pdm.operations.answer_alert import unshelve_alert

    done = unshelve_alert(open_plant(home, quiet=True), alert, by=by or me(), why=why)
    answer(done, f"{alert} is {done.state}", as_json=as_json)


@alerts_app.command("close")
def close(alert: AlertId, why: Why, by: By = "", home: Home = HERE, as_json: Json = False) -> None:
    """End it without a verdict. When anybody has looked, `plantpdm verdict` is better: it teaches the next model."""
    from pdm.operations.answer_alert import close_alert

    done = close_alert(open_plant(home, quiet=True), alert, by=by or me(), why=why)
    answer(done, f"{alert} is {done.state}", as_json=as_json)
