"""The command line: one file per group of commands, each a thin shell over the operations.

Standard output carries the answer, and with `--json` nothing but one JSON line at its end; progress, notes and refusals go to
standard error. Exit codes:

| code | meaning |
|---|---|
| 0 | done |
| 1 | broken or wrongly set up: settings, definitions, a missing extra, a store or bundle that cannot be used; problems found |
| 2 | wrong usage: no such command or option, or one is missing |
| 3 | input that cannot be used, or a model that has seen the future |
| 4 | no such thing, or a business rule forbids it now |
| 130 | interrupted |
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `plantpdm`; a refusal is one sentence on standard error and an exit code."""
    from pdm.cli.app import app
    from pdm.cli.refusals import exit_code, sentence
    from pdm.errors import PdmError

    try:
        app(args=None if arguments is None else list(arguments), prog_name="plantpdm")
    except PdmError as refusal:
        sys.stderr.write(f"plantpdm: {sentence(refusal)}\n")
        raise SystemExit(exit_code(refusal)) from None
    except SystemExit as leaving:
        if leaving.code == INTERRUPTED:
            sys.stderr.write("plantpdm: interrupted; what was committed stays\n")
        raise
