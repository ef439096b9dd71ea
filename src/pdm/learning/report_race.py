"""The picture of failure modes that race each other: what was said would come first, and what did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pdm.learning import report_svg as svg
from pdm.learning.report_picture import Picture, Reading, lower, percent


def race(rows: Sequence[Mapping[str, float]], modes: Mapping[str, str], reading: Reading) -> Picture | None:
    """Cumulative incidence by failure mode: stated on average, and seen (Aalen-Johansen).

    rows: `horizon`, and of every mode `<mode>.said`, `.seen`, `.low`, `.high`. modes: name -> title.
    """
    if len(rows) < 2 or not modes:
        return None
    x = np.array([0.0, *(row["horizon"] / reading.per for row in rows)])
    top = 1.1 * max(row[f"{mode}.{kind}"] for row in rows for mode in modes for kind in ("said", "high"))
    axes = svg.Axes(
        (0.0, float(x[-1])),
        (0.0, max(top, 0.01)),
        f"{reading.unit} from the moment of asking",
        "failed of this first",
        percent=True,
    )
    marks, legend = [], []
    for number, (mode, title) in enumerate(modes.items()):
        said, seen, low, high = (
            np.array([0.0, *(row[f"{mode}.{kind}"] for row in rows)]) for kind in ("said", "seen", "low", "high")
        )
        css = f"c{number % 4 + 1}"
        marks += [
            svg.band(axes, x, low, high, f"soft {css}"),
            svg.line(axes, x, said, css),
            svg.scatter(axes, x[1:], seen[1:], css, 3.5),
        ]
        legend.append((css, f"{title}: line said, dots seen"))
    last = rows[-1]
    told = "; ".join(
        f"{lower(title)} {percent(last[f'{mode}.said'])} said, {percent(last[f'{mode}.seen'])} seen"
        for mode, title in modes.items()
    )
    sentence = f"Within {reading.length(last['horizon'])}, of machines it had not seen: {told}."
    headings = ("within", *(f"{title}, {kind}" for title in modes.values() for kind in ("said", "seen", "interval")))
    table = tuple(
        (reading.length(row["horizon"]), *(cell for mode in modes for cell in _race_cells(row, mode))) for row in rows
    )
    return Picture(
        "What fails first, and by when", sentence, svg.plot(axes, sentence, *marks), headings, table, tuple(legend)
    )


def _race_cells(row: Mapping[str, float], mode: str) -> tuple[str, str, str]:
    said, seen, low, high = (percent(row[f"{mode}.{kind}"]) for kind in ("said", "seen", "low", "high"))
    return said, seen, f"{low} to {high}"
