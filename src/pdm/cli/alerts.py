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


@alerts_app.command("health")
def health(
    weeks: Annotated[int, typer.Option(help="How many weeks back.", min=1, max=104)] = 13,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Say whether alerting itself is well: figures over time, by class, mode and model, worst actors, what is silenced."""
    from pdm.views.alerting import alerting

    found = alerting(open_plant(home, quiet=True), weeks=weeks)
    share = "nothing decided yet" if found.whole.precision is None else f"{found.whole.precision:.0%}"
    low, high = found.whole.interval
    lines = [
        f"{found.per_week:.1f} alerts a week, {found.bursts} bursts, {found.escalated} escalated, {found.stale} unanswered for a month",
        f"precision: {share} (90 %: {low:.0%} to {high:.0%}); {found.reopened} came back, {found.chattering} chatter",
        f"failures on record: {found.failures}, {found.sufficient_lead} with time to plan, {found.missed} without any alert",
    ]
    groups = [
        (one.name, one.raised, one.right, one.unfounded, one.undecided) for one in (*found.by_class, *found.by_mode)
    ]
    head = ("class or mode", "raised", "right", "unfounded", "undecided")
    lines += ["", table(groups, head)] if groups else []
    worst = [(one.asset, one.mode, one.raised, one.unfounded) for one in found.worst]
    lines += ["", table(worst, ("worst actors", "mode", "raised", "unfounded"))] if worst else []
    silenced = [(one.asset, one.mode, one.state, one.until, one.why) for one in found.silenced]
    lines += ["", table(silenced, ("silenced", "mode", "state", "until", "why"), empty="nothing is silenced")]
    answer(found, "\n".join(lines), as_json=as_json)


@alerts_app.command("why")
def why(
    asset: Annotated[str, typer.Argument(help="The asset's tag.")],
    at: Annotated[
        str | None, typer.Option(help="A moment: ISO, on the plant's clock, or how long ago, such as 3d.")
    ] = None,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Say why an asset has no alert, or had none at a moment, question by question."""
    from pdm.cli.times import past
    from pdm.views.why import why_no_alert

    plant = open_plant(home, quiet=True)
    moment = past(at, plant.clock.now(), plant.settings.time_zone) if at else None
    found = why_no_alert(plant, asset, at=moment)
    lines = [found.sentence, ""]
    lines += [f"{one.question} {one.sentence}" for one in found.answers]
    for mode in found.modes:
        lines += ["", f"{mode.title} ({mode.state})", *(f"  {one.question} {one.sentence}" for one in mode.answers)]
    lines += ["", f"Decided again from {found.replayed} stored assessments, by the policy that is in force now."]
    answer(found, "\n".join(lines), as_json=as_json)


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


@alerts_app.command("assign")
def assign(
    alert: AlertId,
    to: Annotated[str, typer.Option(help="Whose it is from now on.")],
    by: By = "",
    why: MaybeWhy = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Give it to somebody."""
    from pdm.operations.answer_alert import assign_alert

    done = assign_alert(open_plant(home, quiet=True), alert, to=to, by=by or me(), why=why)
    answer(done, f"{alert} is {done.owner}'s", as_json=as_json)


@alerts_app.command("comment")
def comment(
    subject: Annotated[str, typer.Argument(help="alert:<id>, case:<id> or notice:<id>.")],
    text: Annotated[str, typer.Argument(help="What is to be said.")],
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Say something about an alert, a case or a notice; it is never changed or removed."""
    from pdm.operations.add_comment import add_comment

    done = add_comment(open_plant(home, quiet=True), subject, by=by or me(), text=text)
    answer(done, f"{done.by} on {done.subject}: {done.text}", as_json=as_json)


@alerts_app.command("silence")
def silence(
    asset: Annotated[str, typer.Argument(help="The asset's tag.")],
    failure_mode: Annotated[str, typer.Argument(help="The failure mode, as the model file names it.")],
    why: Why,
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Take one suspicion of an asset out of service until it is returned; it stays listed and counted."""
    from pdm.operations.answer_alert import take_out_of_service

    done = take_out_of_service(open_plant(home, quiet=True), asset, failure_mode, by=by or me(), why=why)
    answer(done, f"{done.failure_mode} of {asset} is out of service: {done.id}", as_json=as_json)


@alerts_app.command("unsilence")
def unsilence(alert: AlertId, why: Why, by: By = "", home: Home = HERE, as_json: Json = False) -> None:
    """Return a suspicion to service."""
    from pdm.operations.answer_alert import return_alert_to_service

    done = return_alert_to_service(open_plant(home, quiet=True), alert, by=by or me(), why=why)
    answer(done, f"{alert} is {done.state}", as_json=as_json)


@alerts_app.command("notices")
def notices(
    home: Home = HERE,
    all_states: Annotated[bool, typer.Option("--all", help="Also answered ones.")] = False,
    as_json: Json = False,
) -> None:
    """List the questions to operations: sisters that moved together, and process conditions."""
    with open_plant(home, quiet=True).unit_of_work() as work:
        found = work.notices.list(state=None if all_states else "open")
    rows = [(one.id, one.title, ", ".join(one.assets), one.answer or one.state) for one in found]
    answer(found, table(rows, ("id", "question", "assets", "answer"), empty="no open questions"), as_json=as_json)


@alerts_app.command("answer")
def answer_question(
    notice: Annotated[str, typer.Argument(help="The notice's id.")],
    found: Annotated[str, typer.Argument(help="process: nothing is wrong with the machines; machine: look at each.")],
    why: Why,
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Answer a question to operations. `process` closes its alerts and marks the process change in the history."""
    from pdm.operations.answer_notice import answer_notice

    done = answer_notice(open_plant(home, quiet=True), notice, answer=found, by=by or me(), why=why)
    answer(done, f"{notice} is answered: {done.answer}", as_json=as_json)


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
