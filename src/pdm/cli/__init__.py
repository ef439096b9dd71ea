"""The command line: one file per group of commands, each a thin shell over the operations."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `plantpdm`; a refusal is one sentence on standard error and an exit code.

    Exit codes: 0 done, 1 broken or wrongly set up, 2 wrong usage, 3 input that cannot be used, 4 not found or forbidden now,
    130 interrupted.
    """
    from pdm.cli.app import app
    from pdm.errors import Conflict, InputError, LeakFound, NotFound, PdmError

    try:
        app()
    except PdmError as refusal:
        sys.stderr.write(f"plantpdm: {refusal}\n")
        if isinstance(refusal, InputError | LeakFound):
            raise SystemExit(3) from None
        if isinstance(refusal, NotFound | Conflict):
            raise SystemExit(4) from None
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        sys.stderr.write("plantpdm: interrupted; what was committed stays\n")
        raise SystemExit(130) from None
