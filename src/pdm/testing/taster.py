"""A warm taster for tests: LightGBM is loaded once, and every bundle is tasted by a fork, which may die or hang for itself.

The service starts a process for each bundle, at most of a second's cost; a test that tastes hundreds of them need not.
`python -m pdm.testing.taster` reads folder and hash as a JSON line and answers with exit code and what the taster said.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from pdm.errors import BundleError
from pdm.registry import bundle as bundles
from pdm.registry import probe

_SECONDS = 60.0


def taste_in_forks() -> None:
    """Let this process taste bundles by forks of one warm taster from now on."""
    # Our own interpreter and our own module.
    taster = subprocess.Popen(
        [sys.executable, "-m", "pdm.testing.taster"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )

    def tasted(folder: Path, manifest_sha256: str, *, timeout: float) -> None:
        if taster.stdin is None or taster.stdout is None:
            raise BundleError("the taster has no pipes")
        print(json.dumps([str(folder), manifest_sha256, timeout]), file=taster.stdin, flush=True)
        code, said = json.loads(taster.stdout.readline())
        if code:
            raise BundleError(f"{folder}: the taster ended with {code}: {said}", hint="train again")

    bundles.taste = tasted  # type: ignore[attr-defined]  # the one seam between loading and the process that tastes


def main(answers: IO[str]) -> None:
    """Taste until nobody asks any more."""
    import lightgbm  # noqa: F401 - loaded once, for the forks

    for line in sys.stdin:
        folder, manifest_sha256, timeout = json.loads(line)
        with tempfile.TemporaryFile("w+") as said:
            child = os.fork()
            if child == 0:
                _taste(Path(folder), manifest_sha256, said)
            code = _wait(child, min(float(timeout), _SECONDS))
            said.seek(0)
            print(json.dumps([code, said.read()]), file=answers, flush=True)


def _taste(folder: Path, manifest_sha256: str, said: IO[str]) -> None:
    """In the fork: the same questions as in a process of its own; without destructors at the end."""
    code = 1
    try:
        code = probe.main(folder, manifest_sha256, said)
        said.flush()
    finally:
        os._exit(code)


def _wait(child: int, seconds: float) -> int:
    """Exit code of a fork, negative for the signal that killed it."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, 9)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # LightGBM prints to standard output, which is for answers here
    main(channel)
