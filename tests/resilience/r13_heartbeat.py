"""R13: a heartbeat passes the whole path, and a stage that stops is visible on /v1/health and on the page within two beats.

One real service per stage, each on a plant and a port of its own. All must beat first; then one stage of each is stopped: the loop that
begins beats, the table of readings, the scoring loop, a scoring round that hangs, the loop that tells people, the operational database.
Then both addresses are asked until they say so. In the full form a beat is a minute, as by default.
"""

import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import uvicorn

from pdm.readings.registry import register
from pdm.testing.builders import NOON, an_asset
from pdm.testing.promise import tell
from pdm.wiring import build_plant
from pdm.workspace import bundled_room, create

sys.path.append(str(bundled_room("serving").parent))
from serving.app import build_app

STAGES = {
    "beat": "operational database has stopped",
    "history": "history of readings cannot pass the heartbeat on",
    "scoring": "scoring has stopped",
    "hang": "scoring has stopped",
    "tell": "telling people has stopped",
    "database": "503",
}


class Service:
    """One plant and its service, in threads of this process."""

    def __init__(self, folder: Path, stage: str, every: str) -> None:
        home = folder / stage
        create(home, plant_name=stage, time_zone="UTC")
        self.stage, self.plant = stage, build_plant(home, heartbeat_every=every, score_every="5s")
        register(self.plant.history, [an_asset()], now=NOON)
        self.app = build_app(self.plant)
        self.hanging = threading.Event()
        if stage == "hang":
            work = self.app.state.loop.round
            self.app.state.loop.round = lambda: self._hang(work)
        self.server = uvicorn.Server(
            uvicorn.Config(self.app, host="127.0.0.1", port=0, log_level="critical", ws="none")
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.released = threading.Event()
        self.thread.start()
        while not self.server.started:
            time.sleep(0.02)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)

    def _hang(self, work) -> object:
        return self.released.wait(600) if self.hanging.is_set() else work()

    def seen(self, sentence: str) -> tuple[bool, bool]:
        """Whether the API and the page say it."""
        api, page = self.client.get("/v1/health"), self.client.get("/health")
        if sentence == "503":
            return api.status_code == 503, page.status_code == 503
        return sentence in " ".join(api.json().get("problems", [])), sentence in page.text

    def beats(self) -> bool:
        """Whether every stage has passed a beat on and none complains."""
        with self.plant.unit_of_work() as work:
            beats = work.beats.list()
        told = self.client.get("/v1/health").json()["stages"]
        numbers = [beat.number for beat in beats]
        return len(beats) == len(told) == 4 and min(numbers) >= 1 and not any(stage["sentence"] for stage in told)

    def stop_stage(self) -> None:
        """Stop one stage the way it stops in life."""
        pulse, loop = self.app.state.pulse, self.app.state.loop
        if self.stage in ("beat", "tell"):
            task = pulse.tasks[self.stage]
            task.get_loop().call_soon_threadsafe(task.cancel)
        elif self.stage == "scoring":
            loop._task.get_loop().call_soon_threadsafe(loop._task.cancel)
        elif self.stage == "hang":
            self.hanging.set()
        elif self.stage == "history":
            for file in self.plant.workspace.history.rglob("*.parquet"):
                file.unlink()
        else:
            self.plant.workspace.database.write_bytes(b"this is no database" * 1000)

    def close(self) -> None:
        self.released.set()
        self.client.close()
        self.server.should_exit = True
        self.thread.join(15)


def watch(service: Service, every: float, rounds: int) -> dict:
    """Let it beat, stop the stage, and see how long it takes until it shows."""
    calm, until = True, time.monotonic() + rounds * every
    while not service.beats() and time.monotonic() < until + 30:
        time.sleep(every / 20)
    while time.monotonic() < until:
        calm = calm and service.beats()
        time.sleep(every / 4)
    calm = calm and service.beats()
    service.stop_stage()
    stopped, seen = time.monotonic(), {"api": None, "page": None}
    while None in seen.values() and time.monotonic() - stopped < 6 * every:
        for where, there in zip(seen, service.seen(STAGES[service.stage]), strict=True):
            if there and seen[where] is None:
                seen[where] = round(time.monotonic() - stopped, 1)
        time.sleep(every / 50)
    return {"beat_before": calm, "api_after": seen["api"], "page_after": seen["page"]}


def measure(short: bool) -> dict:
    # A scheduler of a busy machine may hold a thread back for a second: the short form allows for it, the full one does not.
    every, slack = (4.0, 4.0) if short else (60.0, 0.0)
    stages = ["history", "scoring", "tell"] if short else list(STAGES)
    with tempfile.TemporaryDirectory() as folder:
        services = [Service(Path(folder), stage, f"{every:.0f}s") for stage in stages]
        with ThreadPoolExecutor(len(stages)) as pool:
            found = dict(zip(stages, pool.map(lambda one: watch(one, every, 1 if short else 3), services), strict=True))
        for service in services:
            service.close()
    limit = 2 * every + slack
    kept = all(
        one["beat_before"] and all(one[at] is not None and one[at] <= limit for at in ("api_after", "page_after"))
        for one in found.values()
    )
    return {"kept": kept, "beat_seconds": every, "limit_seconds": limit, "stages": found}


if __name__ == "__main__":
    sys.exit(tell("R13", measure))
