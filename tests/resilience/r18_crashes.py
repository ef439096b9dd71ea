"""R18: a crash before or after any insert, commit, send or mark-sent leaves the receiver with exactly the expected orders.

A child process raises alerts that approve their own requests, and delivers them to a Maximo on loopback; it kills itself (SIGKILL) at
the n-th fail point. Then another process does the same work again, as a restarted service would. Every fail point is tried, and
all of them again with a receiver that also loses an answer, until at least a hundred crashes have happened.
"""

import multiprocessing
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from pdm.adapters.cmms_maximo import MaximoReceiver
from pdm.adapters.gate import gate
from pdm.adapters.http import Transport
from pdm.catalogue import Policy
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.deliver_outbox import deliver_outbox
from pdm.ports import Plant
from pdm.testing.builders import NOON, an_assessment
from pdm.testing.crash import FailPoints, MortalReceiver
from pdm.testing.plants import a_plant
from pdm.testing.promise import tell
from pdm.testing.servers.maximo import FakeMaximo

POLICY = Policy(raise_at=0.4, clear_at=0.2, persistence=(1, 1), auto_request="draft")
ASSETS = ("P-101", "P-102", "P-103")
SECRET = "a-long-key"  # noqa: S105  of the fake server
LEASE_OVER = timedelta(minutes=11)
CRASHES = 100
DANGEROUS = (
    "before insert outbox",
    "before commit",
    "after commit",
    "before send",
    "after send",
    "after update outbox",
)
"""What the short form tries."""


def the_plant(home: Path, url: str, points: FailPoints, *, later: timedelta = timedelta()) -> Plant:
    transport = Transport(url, gate(["127.0.0.1"]), "Maximo", (SECRET,))
    maximo = MaximoReceiver(transport, secret=SECRET, zone="UTC", given={"site": "BEDFORD"})
    plant = a_plant(home, policy=POLICY, now=NOON + later, receiver=MortalReceiver(maximo, points))
    points.watch(plant.unit_of_work.engine)
    return plant


def work(home: Path, url: str, at: int, report: Path | None = None) -> None:
    """What the platform does in one round: decide, write, hand over."""
    points = FailPoints(at)
    plant = the_plant(home, url, points)
    consider_assessments(plant, [an_assessment(asset, 0.8) for asset in ASSETS])
    deliver_outbox(plant)
    if report is not None:
        report.write_text("\n".join(points.seen), encoding="utf-8")


def restart(home: Path, url: str) -> tuple[set[str], bool]:
    """The same work once more, later; the references that must be over there, and whether all is well over here."""
    plant = the_plant(home, url, FailPoints(), later=LEASE_OVER)
    consider_assessments(plant, [an_assessment(asset, 0.8) for asset in ASSETS])
    for _ in range(3):
        deliver_outbox(plant, at_once=True)
    with plant.unit_of_work() as work:
        requests = work.requests.list()
        tidy = not work.outbox.pending() and not work.outbox.dead() and work.audit.verify() > 0
        tidy = tidy and all(one.state == "accepted" and one.receiver_number for one in requests)
    plant.unit_of_work.close()
    return {one.external_ref for one in requests}, tidy


def fail_points(context, folder: Path) -> list[str]:
    """Their names, from a round in which nobody dies."""
    with FakeMaximo(SECRET) as server:
        (folder / "whole").mkdir()
        child = context.Process(target=work, args=(folder / "whole", server.url, 0, folder / "points"))
        child.start()
        child.join()
    return (folder / "points").read_text(encoding="utf-8").splitlines()


def crash(context, home: Path, at: int, *, loses: bool) -> tuple[bool, str]:
    """Die at one fail point, start again; whether everything is there once."""
    home.mkdir()
    with FakeMaximo(SECRET) as server:
        if loses:
            server.faults.append("lost")
        child = context.Process(target=work, args=(home, server.url, at))
        child.start()
        child.join()
        died = child.exitcode == -9
        keys, tidy = restart(home, server.url)
        counts = [server.orders(key) for key in keys]
        total = sum(len(rows) for rows in server.records.values())
    right = len(keys) == len(ASSETS) and counts == [1] * len(ASSETS) and total == len(ASSETS) and tidy
    return (
        died and right,
        f"point {at}{' with a lost answer' if loses else ''}: died {died}, orders {counts}, tidy {tidy}",
    )


def measure(short: bool) -> dict:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pdm.testing.plants", "pdm.operations.deliver_outbox", "pdm.adapters.cmms_maximo"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        points = fail_points(context, folder)
        tries = [(at, False) for at in range(1, len(points) + 1)]
        if short:
            tries = [(points.index(name) + 1, False) for name in DANGEROUS]
        else:
            tries += [(at, True) for at in range(1, len(points) + 1)][: max(CRASHES - len(tries), len(points) // 2)]
        broken = []
        for number, (at, loses) in enumerate(tries):
            kept, said = crash(context, folder / str(number), at, loses=loses)
            if not kept:
                broken.append(f"{said} ({points[at - 1]})")
    return {
        "kept": not broken and bool(tries),
        "crashes": len(tries),
        "fail_points": len(points),
        "kinds": sorted(set(points)),
        "orders_expected_each_time": len(ASSETS),
        "broken": broken[:5],
    }


if __name__ == "__main__":
    sys.exit(tell("R18", measure))
