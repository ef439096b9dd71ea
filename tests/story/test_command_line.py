"""The installed command, as a shell starts it: what goes to which stream, which exit code, and the whole demo on a tiny plant."""

import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

PLANTPDM = Path(sys.executable).with_name("plantpdm")


@pytest.fixture
def shell(tmp_path):
    """Run `plantpdm ...` in an empty folder."""

    def run(*arguments, **more):
        environment = {**os.environ, "COLUMNS": "120", **more}
        return subprocess.run(
            [PLANTPDM, *map(str, arguments)], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    return run


def test_help_comes_at_once(shell):
    spent = []
    for _ in range(2):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        told = shell("--help")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    assert told.returncode == 0
    assert "Start here" in told.stdout
    assert min(spent) < 1.5


def test_the_answer_goes_to_standard_output_and_the_refusal_to_standard_error(shell):
    made = shell("init", "mill", "--json")
    refused = shell("init", "mill", "--json")
    wrong = shell("init")

    assert (made.returncode, json.loads(made.stdout)["home"], made.stderr) == (0, "mill", "")
    assert (refused.returncode, refused.stdout) == (4, "")
    assert refused.stderr.startswith("plantpdm: mill already is a plant")
    assert (wrong.returncode, wrong.stdout) == (2, "")


def test_the_plant_of_the_environment_is_meant_when_no_other_is_named(shell):
    shell("init", "mill")

    assert shell("alerts", "list", PDM_HOME="mill").stdout == "no open alerts\n"
    assert shell("alerts", "list", "--home", "elsewhere", PDM_HOME="mill").returncode == 4


def test_the_service_starts_answers_and_stops_when_asked(shell, tmp_path):
    shell("init", "mill")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    server = subprocess.Popen(
        [PLANTPDM, "serve", "--home", "mill", "--port", port], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    try:
        assert _answers(f"http://127.0.0.1:{port}/v1/health/live", server)
        server.send_signal(signal.SIGINT)
        _, told = server.communicate(timeout=30)
    finally:
        server.kill()

    assert server.returncode in (0, 130)
    assert told.startswith(f"serving mill at http://127.0.0.1:{port}")
    assert "Traceback" not in told


def _answers(url, server):
    for _ in range(120):
        try:
            return httpx.get(url, timeout=5).status_code == 200
        except httpx.TransportError:
            assert server.poll() is None, server.stderr.read()
            time.sleep(0.25)
    return False


@pytest.mark.slow
def test_the_demo_says_what_it_does_and_ends_with_one_line_for_machines(shell, tmp_path):
    told = shell("demo", "--home", "tiny", "--machines", 8, 0, 0, "--no-serve", "--json")

    assert told.returncode == 0, told.stderr
    assert told.stdout.count("\n") == 1
    answer = json.loads(told.stdout)
    assert set(answer) == {"assets", "readings", "features", "models", "alerts", "work_requests", "seconds"}
    assert answer["assets"] == 8
    assert [model["name"] for model in answer["models"]] == ["pump"]
    assert answer["models"][0]["metrics"]
    assert set(answer["seconds"]) == {"simulate", "ingest", "features", "train", "score", "total"}
    assert [line[:3] for line in told.stderr.splitlines() if line[1:3] == "/5"] == ["1/5", "2/5", "3/5", "4/5", "5/5"]
    again = shell("demo", "--home", "tiny", "--no-serve")
    assert again.returncode == 4
    assert "--fresh" in again.stderr
    assert (tmp_path / "tiny" / "plant.db").is_file()
    version = answer["models"][0]["version"]
    same = shell("reproduce", version, "--home", "tiny")
    assert same.returncode == 0, same.stdout + same.stderr
    assert re.search(rf"{version}: all \d+ figures are the same", same.stdout)
