"""Start the taster and understand its answer: a bundle that kills or hangs a process must kill or hang that one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from pdm.errors import BundleError

_PROBE = Path(__file__).with_name("probe.py")
_HANDED_ON = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")
_HINT = "the last good bundle stays in charge; restore this one from the backup, or train again"


def taste(folder: Path, manifest_sha256: str, *, timeout: float) -> None:
    """Have a disposable process load every booster and score the golden rows.

    manifest_sha256: of the manifest whose signature was checked, so that nothing is swapped in between.

    Raises:
        BundleError: it refused, died or did not answer within `timeout` seconds; with the file it was at.
    """
    # The child needs none of this plant's secrets, and one thread: more would spin on a busy machine.
    environment = {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
    environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    # Our own interpreter and our own file; the arguments are a path and a hash, and no shell reads them.
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-P", str(_PROBE), str(folder.absolute()), manifest_sha256],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    ) as child:
        try:
            output, errors = child.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            child.kill()
            output, _ = child.communicate()
            problem = f"loading it took more than {timeout:g} s"
            raise BundleError(f"{folder / _last_file(output)}: {problem}", hint=_HINT) from None
    if child.returncode != 0:
        raise BundleError(f"{folder / _last_file(output)}: {_problem(child.returncode, output, errors)}", hint=_HINT)


def _answers(output: bytes) -> list[dict[str, str]]:
    lines = output.decode("utf-8", "replace").splitlines()
    return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]


def _last_file(output: bytes) -> str:
    """The file that the child was at when it spoke last."""
    found = _answers(output)
    return found[-1].get("file") or found[-1].get("loading", "") if found else "manifest.json"


def _problem(code: int, output: bytes, errors: bytes) -> str:
    refused = [answer["problem"] for answer in _answers(output) if "problem" in answer]
    if refused:
        return refused[-1]
    if code < 0:
        return f"loading it killed the process that tried ({signal.Signals(-code).name})"
    last = errors.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no reason given"]
    return f"the process that tried to load it ended with code {code}: {last[0]}"
