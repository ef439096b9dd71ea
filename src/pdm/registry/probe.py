"""The taster: a disposable process that loads a bundle's boosters first, because a damaged LightGBM text aborts or hangs whoever loads it.

It is started as a plain script (`python -P probe.py FOLDER MANIFEST_SHA256`), imports neither `pdm` nor pandas, and answers in
JSON lines: `{"loading": file}` before each booster, so that a death can be pinned on a file, and `{"file": ..., "problem": ...}`.
Exit code 0: every booster gave exactly the golden scores.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import IO, Any

EXIT_REFUSED = 3
_MEMORY = 4 * 2**30
_SECONDS = 60
_NOT_NEEDED = ("sklearn", "pandas", "pyarrow", "matplotlib", "graphviz", "dask", "cffi")


def main(folder: Path, manifest_sha256: str, answer: IO[str]) -> int:
    """Load and score everything; the exit code."""
    _limit()
    content = (folder / "manifest.json").read_bytes()
    if hashlib.sha256(content).hexdigest() != manifest_sha256:
        return _refuse(answer, "manifest.json", "it changed while it was being checked")
    manifest = json.loads(content)
    # LightGBM imports whatever of these is installed: 4 s instead of 0.7 s, and nothing of it is used here.
    for name in _NOT_NEEDED:
        sys.modules[name] = None  # type: ignore[assignment]  # the documented way to make an import fail
    import numpy as np
    from lightgbm import Booster
    from lightgbm.basic import LightGBMError

    golden = manifest["golden"]
    rows = np.array([[np.nan if cell is None else float(cell) for cell in row] for row in golden["rows"]], np.float32)
    for file, expected in golden["scores"].items():
        print(json.dumps({"loading": file}), file=answer, flush=True)
        text = (folder / file).read_bytes()
        if hashlib.sha256(text).hexdigest() != manifest["files"][file]:
            return _refuse(answer, file, "it changed while it was being checked")
        try:
            booster = Booster(model_str=text.decode("utf-8"))
            if booster.num_feature() != rows.shape[1]:
                return _refuse(answer, file, f"it knows {booster.num_feature()} features, not {rows.shape[1]}")
            scores = booster.predict(rows, raw_score=True, num_threads=1)
        except (LightGBMError, ValueError, TypeError, MemoryError) as error:
            return _refuse(answer, file, f"LightGBM cannot load it: {error}")
        if not np.array_equal(np.asarray(scores, np.float64), np.array(expected, np.float64)):
            return _refuse(answer, file, "its golden rows get other scores than when it was made")
    return 0


def _refuse(answer: IO[str], file: str, problem: str) -> int:
    print(json.dumps({"file": file, "problem": problem}), file=answer, flush=True)
    return EXIT_REFUSED


def _limit() -> None:
    """Cap memory and processor time, where the system can: a damaged text may ask for both without end."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _own_answer_channel() -> Any:
    """Keep standard output for answers: LightGBM prints to it, so its lines go to standard error."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answer


if __name__ == "__main__":
    with _own_answer_channel() as channel:
        code = main(Path(sys.argv[1]), sys.argv[2], channel)
    # Leave without destructors: a damaged booster must not get a second chance to hang.
    os._exit(code)
