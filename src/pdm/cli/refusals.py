"""How a refusal sounds in a shell: its exit code, and hints that name options instead of Python arguments."""

from __future__ import annotations

import re

from pdm.errors import Conflict, InputError, LeakFound, NotFound, PdmError

BROKEN, UNUSABLE, NOT_NOW = 1, 3, 4

# What operations call by keyword has an option of the same name, but for these.
_PHRASES = (
    (r'(?:pass )?columns=\{"([^"]*)": ""\}', r"--column '\1='"),
    (r"day_first=True or day_first=False", "--day-first or --month-first"),
    (r"\breason=\.\.\.", "--reason TEXT"),
    (r"\bby=\.\.\.", "--by NAME"),
    (r"\b(approved_by)=\.\.\.", "--approved-by NAME"),
    (r"\b(backfill)=True", "--backfill"),
    (r'\b(time_zone)="([^"]+)"', r"--time-zone \2"),
)


def exit_code(refusal: PdmError) -> int:
    """The exit code of a refusal.

    >>> exit_code(NotFound("no asset P-999"))
    4
    """
    if isinstance(refusal, InputError | LeakFound):
        return UNUSABLE
    if isinstance(refusal, NotFound | Conflict):
        return NOT_NOW
    return BROKEN


def sentence(refusal: PdmError) -> str:
    """The refusal in one line, its hint in the words of the command line.

    >>> sentence(InputError("In which time zone?", hint='pass time_zone="Europe/Berlin"'))
    'In which time zone? (pass --time-zone Europe/Berlin)'
    """
    hint = refusal.hint
    for pattern, words in _PHRASES:
        hint = re.sub(pattern, words, hint)
    return f"{refusal.message} ({hint})" if hint else refusal.message
