"""How long work shows its progress: bars on a terminal, one line a stage where there is none, silence for machines."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


class SilentProgress:
    """Says nothing: the service and the tests."""

    @contextmanager
    def stage(self, title: str, total: int | None = None) -> Iterator[Callable[[int], None]]:  # noqa: ARG002  the port's names
        yield lambda _steps: None


@dataclass
class ConsoleProgress:
    """Bars on standard error while it is a terminal, else one line when a stage ends.

    seconds: how long each stage took, by title; stages that come again add up.
    """

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, title: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        started = time.perf_counter()
        show = _bar if sys.stderr.isatty() else _line
        try:
            with show(title, total) as advance:
                yield advance
        finally:
            self.seconds[title] = self.seconds.get(title, 0.0) + time.perf_counter() - started


@contextmanager
def _bar(title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:<40}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=total)
        yield lambda steps: progress.advance(task, steps)
        if total is None:
            progress.update(task, total=1, completed=1)


@contextmanager
def _line(title: str, total: int | None) -> Iterator[Callable[[int], None]]:  # noqa: ARG001  same shape as _bar
    started = time.perf_counter()
    yield lambda _steps: None
    sys.stderr.write(f"  {title}  {time.perf_counter() - started:.1f} s\n")
    sys.stderr.flush()
