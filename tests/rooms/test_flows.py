"""The flows on a real Prefect server: one is run by its schedule, all can be deployed, and each works without a server."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pdm.workspace import create

ROOT = Path(__file__).resolve().parents[2]
FLOWS = ROOT / "flows"
BIN = Path(sys.executable).parent

pytestmark = pytest.mark.slow


def free_port():
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def process(command, env, cwd):
    """A process with its children: Prefect leaves some behind, so the whole group is stopped."""
    with (Path(env["PREFECT_HOME"]) / "output.log").open("ab") as log:
        running = subprocess.Popen(command, env=env, cwd=cwd, stdout=log, stderr=log, start_new_session=True)
    try:
        yield running
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        try:
            running.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait(5)


def post(url, body):
    request = urllib.request.Request(  # noqa: S310  our own server on loopback
        url, data=json.dumps(body).encode(), headers={"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return json.load(answer)


def eventually(question, seconds, log):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            answer = question()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            answer = None
        if answer:
            return answer
        time.sleep(0.5)
    pytest.fail(f"nothing after {seconds} s; the last words:\n{log.read_text(errors='replace')[-3000:]}")
    return None


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plant")
    create(folder, plant_name="Mill", time_zone="Europe/Berlin")
    return folder


@pytest.fixture(scope="module")
def prefect(tmp_path_factory, home):
    """A Prefect server of our own on loopback; its environment, its address and its log."""
    folder = tmp_path_factory.mktemp("prefect")
    port = free_port()
    env = os.environ | {
        "PREFECT_HOME": str(folder),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "2",
        "PREFECT_RUNNER_POLL_FREQUENCY": "1",
        "DO_NOT_TRACK": "1",
        "PDM_HOME": str(home),
        "PYTHONWARNINGS": "ignore",
    }
    command = [str(BIN / "prefect"), "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with process(command, env, folder):
        api, log = env["PREFECT_API_URL"], folder / "output.log"
        eventually(lambda: urllib.request.urlopen(f"{api}/health", timeout=5).status == 200, 120, log)  # noqa: S310
        yield env, api, log


def test_a_scheduled_flow_is_run_by_its_schedule(prefect, home):
    env, api, log = prefect
    program = (
        "from score_fleet import score_fleet; score_fleet.serve(name='soon', interval=10, pause_on_shutdown=False)"
    )

    def scheduled_and_completed():
        ended = {"state": {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED"]}}}
        runs = post(f"{api}/flow_runs/filter", {"limit": 50, "flow_runs": ended})
        failed = [run for run in runs if run["state_type"] in ("FAILED", "CRASHED")]
        assert not failed, log.read_text(errors="replace")[-3000:]
        return [run for run in runs if run["auto_scheduled"] and run["state_type"] == "COMPLETED"]

    with process([sys.executable, "-c", program], env, FLOWS):
        done = eventually(scheduled_and_completed, 120, log)

    assert done[0]["name"]
    assert (home / "plant.db").exists()


def test_every_deployment_is_accepted_by_the_server(prefect):
    env, api, _ = prefect
    pool = [str(BIN / "prefect"), "work-pool", "create", "plant", "--type", "process"]
    deploy = [str(BIN / "prefect"), "--no-prompt", "deploy", "--all", "--prefect-file", "flows/prefect.yaml"]
    for command in (pool, deploy):
        subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True, timeout=120)

    names = {deployment["name"] for deployment in post(f"{api}/deployments/filter", {"limit": 50})}

    assert {"hourly", "nightly", "weekly", "every-quarter-hour", "every-ten-minutes", "after-the-week"} <= names


@pytest.mark.parametrize("path", sorted(FLOWS.glob("*.py")), ids=lambda path: path.stem)
def test_no_flow_file_hides_an_installed_module_or_a_room(path):
    program = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({path.stem!r}) is not None)"

    assert subprocess.run([sys.executable, "-c", program], check=False, cwd="/").returncode == 0
    assert path.stem not in {"features", "models", "flows", "serving"}
