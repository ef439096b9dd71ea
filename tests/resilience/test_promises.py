"""Every promise of reliability in its short form; `make resilience` runs the full ones."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = sorted(Path(__file__).parent.glob("r[0-9]*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_the_promise_is_kept_in_its_short_form(script):
    done = subprocess.run([sys.executable, str(script), "--short"], capture_output=True, text=True, timeout=280)

    assert done.stdout.strip(), done.stderr[-2000:]
    [line] = done.stdout.strip().splitlines()
    figures = json.loads(line)
    assert int(figures["promise"][1:]) == int(script.stem[1:3])
    assert figures["form"] == "short"
    assert figures["kept"], line
    assert done.returncode == 0
