"""How urgent: the site's own matrix of criticality by probability, as data."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from pdm.catalogue.planning import Planning
from pdm.errors import InputError


@dataclass(frozen=True)
class PriorityMatrix:
    """One row per criticality 1 (matters most) to 5, one priority (1 highest .. 4) per band of probability.

    bounds: where one band ends and the next begins; n bounds make n + 1 columns.
    """

    bounds: tuple[float, ...] = (0.3, 0.6, 0.85)
    rows: Mapping[int, tuple[int, ...]] = field(
        default_factory=lambda: {
            1: (2, 2, 1, 1),
            2: (3, 2, 2, 1),
            3: (3, 3, 2, 2),
            4: (4, 3, 3, 2),
            5: (4, 4, 3, 3),
        }
    )

    def __post_init__(self) -> None:
        for criticality, row in self.rows.items():
            if len(row) != len(self.bounds) + 1 or not all(1 <= priority <= 4 for priority in row):
                raise InputError(
                    f"row {criticality} of the priority matrix is {row}",
                    hint=f"write {len(self.bounds) + 1} priorities from 1 to 4",
                )


DEFAULT = PriorityMatrix()


def matrix_of(planning: Planning) -> PriorityMatrix:
    """The matrix that the site has written down."""
    return PriorityMatrix(planning.priority_bounds, planning.priority_rows)


def priority(criticality: int, probability: float, matrix: PriorityMatrix = DEFAULT) -> int:
    """1 (highest) to 4.

    >>> priority(1, 0.9), priority(3, 0.5), priority(5, 0.1)
    (1, 3, 4)

    Raises:
        InputError: the matrix has no row for this criticality.
    """
    row = matrix.rows.get(criticality)
    if row is None:
        raise InputError(f"the priority matrix has no row for criticality {criticality}", hint="write 1 to 5")
    return row[bisect_right(matrix.bounds, probability)]
