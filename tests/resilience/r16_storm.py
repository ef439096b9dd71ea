"""R16: a thousand concurrent repetitions of one request end in one work request, one outbox row and one order.

The real service in a process of its own, a Maximo on loopback as receiver. A thousand times, 32 at once, a client raises a request
from one case and approves it, with the same two idempotency keys; four deliverers hand over at the same time. Then all of it again on
a second case while the service is killed (`kill -9`) twice. Afterwards the same key with another body must be refused, also by a service
that was started since.
"""

import contextlib
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from pdm.errors import LeaseHeld
from pdm.operations.deliver_outbox import deliver_outbox
from pdm.testing.builders import a_case, an_alert
from pdm.testing.promise import tell
from pdm.testing.served import ServedPlant
from pdm.testing.servers.maximo import FakeMaximo
from pdm.wiring import build_plant
from pdm.workspace import create

SECRET = "a-long-key"  # noqa: S105  of the fake server
AT_ONCE = 32
PATIENCE = 120.0


def settings(home: Path, url: str) -> None:
    create(home, plant_name="Storm works", time_zone="UTC")
    lines = [
        'scheduler = "none"',
        'receiver = "maximo"',
        f'receiver_url = "{url}"',
        f'receiver_secret = "{SECRET}"',
        'receiver_hosts = ["127.0.0.1"]',
        'receiver_options = { site = "BEDFORD" }',
    ]
    file = home / "plantpdm.toml"
    file.write_text(file.read_text(encoding="utf-8") + "\n" + "\n".join(lines) + "\n", encoding="utf-8")


def seed(plant, asset: str) -> str:
    """A case with one open alert, and nothing raised from it."""
    with plant.unit_of_work() as work:
        work.cases.save(a_case(asset))
        work.alerts.save(an_alert(asset, case_id=f"ca-{asset}"))
        work.commit()
    return f"ca-{asset}"


def post(client: httpx.Client, path: str, key: str, body: dict) -> httpx.Response:
    """Until the service answers: a client that retries over a restart."""
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            answer = client.post(path, json=body, headers={"idempotency-key": key})
            if answer.status_code not in (502, 503, 504) or time.monotonic() > give_up:
                return answer
        except httpx.TransportError:
            if time.monotonic() > give_up:
                raise
        time.sleep(0.5)


def storm(server: ServedPlant, client: httpx.Client, plant, case: str, repetitions: int, *, kills: int) -> dict:
    """Raise and approve `repetitions` times; the service dies `kills` times meanwhile."""
    done = threading.Semaphore(0)
    finished = threading.Event()

    def once(_number: int) -> tuple[int, str, int]:
        raised = post(client, f"/v1/cases/{case}/requests", f"raise-{case}", {"by": "Ada"})
        found = raised.json().get("id", "")
        approved = post(client, f"/v1/requests/{found}/approve", f"approve-{case}", {"by": "Bo"})
        done.release()
        return raised.status_code, found, approved.status_code

    def deliver() -> None:
        while not finished.is_set():
            with contextlib.suppress(LeaseHeld):
                deliver_outbox(plant, at_once=True)
            time.sleep(0.02)

    deliverers = [threading.Thread(target=deliver, daemon=True) for _ in range(4)]
    for thread in deliverers:
        thread.start()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = [pool.submit(once, number) for number in range(repetitions)]
        for _ in range(kills):
            for _ in range(repetitions // (kills + 1)):
                done.acquire()
            server.kill()
            server.start()
        results = [answer.result() for answer in answers]
    finished.set()
    for thread in deliverers:
        thread.join()
    deliver_outbox(plant, at_once=True)
    return {
        "statuses": dict(Counter(f"{raised} then {approved}" for raised, _, approved in results)),
        "requests_told": len({found for _, found, _ in results}),
    }


def counted(home: Path, maximo: FakeMaximo, asset: str) -> dict:
    """What is on record here and over there."""
    with contextlib.closing(sqlite3.connect(home / "plant.db")) as database:
        [(requests, key)] = database.execute(
            "select count(*), max(external_ref) from work_requests where asset = ?", (asset,)
        ).fetchall()
        [(rows,)] = database.execute("select count(*) from outbox where key = ?", (key,)).fetchall()
    return {"requests": requests, "outbox_rows": rows, "orders": maximo.orders(key or "")}


def measure(short: bool) -> dict:
    repetitions = 24 if short else 1000
    with tempfile.TemporaryDirectory() as name, FakeMaximo(SECRET) as maximo:
        home = Path(name) / "plant"
        settings(home, maximo.url)
        plant = build_plant(home)
        cases = {asset: seed(plant, asset) for asset in ("P-101", "P-102")}
        with ServedPlant(home) as server, httpx.Client(base_url=server.url, timeout=60) as client:
            calm = storm(server, client, plant, cases["P-101"], repetitions, kills=0)
            killed = storm(server, client, plant, cases["P-102"], repetitions, kills=1 if short else 2)
            reused = [
                post(client, f"/v1/cases/{case}/requests", f"raise-{case}", {"by": "Somebody else"}).status_code
                for case in cases.values()
            ]
        found = {asset: counted(home, maximo, asset) for asset in cases}
        plant.unit_of_work.close()
    once = {"requests": 1, "outbox_rows": 1, "orders": 1}
    kept = (
        all(one == once for one in found.values())
        and all(one["statuses"] == {"201 then 200": repetitions} for one in (calm, killed))
        and calm["requests_told"] == killed["requests_told"] == 1
        and all(status in (409, 422) for status in reused)
    )
    return {
        "kept": kept,
        "repetitions": repetitions,
        "at_once": AT_ONCE,
        "calm": calm | found["P-101"],
        "with_kill_9": killed | found["P-102"],
        "same_key_other_body_after_a_restart": reused,
    }


if __name__ == "__main__":
    sys.exit(tell("R16", measure))
