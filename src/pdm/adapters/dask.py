"""Spread the work over a Dask cluster: the same `Executor`, other machines.

Functions and their arguments travel in Dask's own transport inside one trusted cluster; what comes back from outside never does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pdm.errors import ConfigurationError, MissingExtra

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class DaskExecutor:
    """Maps over the workers of a running scheduler.

    address: of the scheduler, such as `tcp://127.0.0.1:8786`. timeout: seconds to wait for it.
    """

    address: str
    timeout: float = 10.0

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """`function(item)` for every item, in order; a lost worker's items are computed again by another.

        Raises:
            ConfigurationError: nobody answers at the address.
            MissingExtra: Dask is not installed here.
        """
        client = self._client()
        try:
            futures = client.map(function, list(items), pure=False)
            for future in futures:
                yield future.result()
        finally:
            client.close()

    def _client(self) -> Any:
        try:
            from distributed import Client as Untyped
        except ImportError:
            raise MissingExtra("dask", "a Dask cluster") from None
        client: Any = Untyped
        try:
            return client(self.address, timeout=self.timeout, set_as_default=False)
        except (OSError, TimeoutError) as error:
            raise ConfigurationError(
                f"no Dask scheduler answers at {self.address} ({error})", hint="start one, or leave dask_address out"
            ) from error
