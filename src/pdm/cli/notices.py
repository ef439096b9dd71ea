"""Commands that tell people: what waits for them now, and the week in one message."""

from __future__ import annotations

from typing import Annotated

import typer

from pdm.cli.common import HERE, Home, Json, answer, counted, open_plant

notify_app = typer.Typer(help="Tell people about alerts, and what the week brought.", no_args_is_help=True)


@notify_app.command("send")
def send(home: Home = HERE, as_json: Json = False) -> None:
    """Tell people what waits for them now; the service does this by itself.

    Exit code 1 when somebody could not be told; it is tried again.
    """
    from pdm.operations.notify_people import notify_people

    plant = open_plant(home, quiet=True)
    report = notify_people(plant)
    if plant.notifier is None:
        sentence = "nobody is told: set notify_urls and notify_hosts in plantpdm.toml"
    else:
        sentence = (
            f"{counted(report.composed, 'message')} composed, {report.sent} sent, {report.failed} failed and kept, "
            f"{counted(report.held, 'alert')} held for later"
        )
    answer(report, "\n".join([sentence, *report.errors]), as_json=as_json)
    if report.errors:
        raise typer.Exit(1)


@notify_app.command("digest")
def digest(home: Home = HERE, as_json: Json = False) -> None:
    """Print what the last seven days brought, as the weekly digest tells it; nothing is sent."""
    from pdm.views.digest import digest as compose

    plant = open_plant(home, quiet=True)
    found = compose(plant, plant.clock.now())
    answer(found, f"{found.title}\n\n{found.text}", as_json=as_json)


@notify_app.command("test")
def try_out(
    to: Annotated[str, typer.Option(help="Only this target, as the command names them.", show_default="all")] = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Send one test message to everybody who is told, so that you see it arrive.

    Exit code 1 when a target did not take it.
    """
    from pdm.errors import InputError, ReceiverError
    from pdm.ports import Notification

    plant = open_plant(home, quiet=True)
    targets = plant.notifier.targets if plant.notifier else ()
    if plant.notifier is None or (to and to not in targets):
        known = ", ".join(targets)
        raise InputError("nobody to tell", hint=f"known: {known}" if known else "set notify_urls and notify_hosts")
    what = Notification("TEST", "test", f"Test from {plant.settings.plant_name}", "plantpdm can reach you.")
    results: dict[str, str] = {}
    for target in [to] if to else targets:
        try:
            plant.notifier.notify(target, what)
            results[target] = "taken"
        except ReceiverError as error:
            results[target] = str(error)
    answer(results, "\n".join(f"{target}: {said}" for target, said in results.items()), as_json=as_json)
    if any(said != "taken" for said in results.values()):
        raise typer.Exit(1)
