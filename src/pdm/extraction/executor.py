"""How work over many assets is spread: in this thread, over threads, or over a Dask cluster behind the same small protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Executor(Protocol):
    """Applies one function to many items and yields the results in the order of the items.

    One that runs in this very process may say so with `shares_memory = True`: results are then written into place.
    """

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """`function(item)` for every item; the first exception is raised where its result would have come."""
        ...


class Serial:
    """One after the other: for tests and for very small jobs."""

    shares_memory = True

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        return map(function, items)


@dataclass(frozen=True)
class Threads:
    """A pool of threads; the kernels release the interpreter lock."""

    shares_memory: ClassVar[bool] = True
    workers: int = 2

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        with ThreadPoolExecutor(self.workers) as pool:
            yield from pool.map(function, items)


class Progress(Protocol):
    """Shows how far long work has come."""

    def stage(self, title: str, total: int | None = None) -> AbstractContextManager[Callable[[int], None]]:
        """`with progress.stage("reading", 12) as advance: advance(1)`."""
        ...
