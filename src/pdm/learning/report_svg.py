"""Marks of a chart as SVG text: lines, dots, bands, columns and bars on axes with round ticks. Nothing is fetched, nothing is rasterised.

The page's style sheet gives the colours, so that a report follows the reader's light or dark screen; classes `c1` to `c4` are lines,
`soft` is what stands behind them.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = Sequence[float] | npt.NDArray[np.float64]

_TICKS = 5
_ROOTED = (0.0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True)
class Axes:
    """A plane with its frame. x, y: lowest and highest value shown; x_label, y_label: what they are, with the unit.

    percent: y is a share (with `root` x as well). root: both scales show square roots, so that small shares have room.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    x_label: str
    y_label: str
    width: float = 460.0
    height: float = 280.0
    left: float = 58.0
    bottom: float = 42.0
    percent: bool = False
    root: bool = False

    def at_x(self, value: float) -> float:
        """Place of a value from the left."""
        low, high, value = (self._scaled(one) for one in (*self.x, value))
        return round(self.left + (value - low) / (high - low) * (self.width - self.left - 14), 1)

    def at_y(self, value: float) -> float:
        """Place of a value from the top."""
        low, high, value = (self._scaled(one) for one in (*self.y, value))
        return round(self.height - self.bottom - (value - low) / (high - low) * (self.height - self.bottom - 12), 1)

    def marks(self, ends: tuple[float, float]) -> list[float]:
        """Where ticks stand between two ends."""
        if self.root:
            return [value for value in _ROOTED if ends[0] <= value <= ends[1]]
        return ticks(*ends)

    def named(self, value: float) -> str:
        """A tick in words."""
        return f"{100 * value:.3g} %" if self.percent else shown(value)

    def _scaled(self, value: float) -> float:
        return math.sqrt(max(value, 0.0)) if self.root else value


def ticks(low: float, high: float, count: int = _TICKS) -> list[float]:
    """Round values between two ends, about so many.

    >>> ticks(0.0, 47.0), ticks(0.0, 0.31)
    ([0.0, 10.0, 20.0, 30.0, 40.0], [0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3])
    """
    raw = (high - low) / count
    if not (math.isfinite(raw) and raw > 0):
        return [low]
    size = 10.0 ** math.floor(math.log10(raw))
    step = min((size * factor for factor in (1, 2, 5, 10)), key=lambda one: abs(one - raw))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(place * step, 10) for place in range(first, last + 1)]


def shown(value: float) -> str:
    """A figure with as many digits as anyone reads.

    >>> shown(12345.6), shown(12.345), shown(0.01447), shown(0.0)
    ('12 346', '12.3', '0.0145', '0')
    """
    if not math.isfinite(value):
        return "–"
    if value == 0 or abs(value) >= 1000:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}"


def line(axes: Axes, x: Values, y: Values, css: str = "c1", *, dots: bool = False) -> str:
    """A line through points; those that are no number break it."""
    parts, pen = list[str](), "M"
    known = list[tuple[float, float]]()
    for one, two in zip(x, y, strict=True):
        if not (math.isfinite(one) and math.isfinite(two)):
            pen = "M"
            continue
        parts.append(f"{pen}{axes.at_x(one)} {axes.at_y(two)}")
        known.append((one, two))
        pen = "L"
    drawn = f'<path class="line {css}" d="{"".join(parts)}"/>' if parts else ""
    return drawn + (scatter(axes, [a for a, _ in known], [b for _, b in known], css, 3.0) if dots else "")


def scatter(axes: Axes, x: Values, y: Values, css: str = "c1", radius: float = 1.7) -> str:
    """Dots, all in one path: a circle each would weigh ten times as much."""
    places = "".join(f"M{axes.at_x(a)} {axes.at_y(b)}h0" for a, b in zip(x, y, strict=True))
    return f'<path class="dots {css}" style="stroke-width:{2 * radius}" d="{places}"/>' if places else ""


def band(axes: Axes, x: Values, low: Values, high: Values, css: str = "soft") -> str:
    """The room between two lines."""
    there = [f"{axes.at_x(a)} {axes.at_y(b)}" for a, b in zip(x, high, strict=True)]
    back = [f"{axes.at_x(a)} {axes.at_y(b)}" for a, b in zip(x, low, strict=True)][::-1]
    return f'<path class="{css}" d="M{"L".join(there + back)}Z"/>' if there else ""


def whiskers(axes: Axes, x: Values, low: Values, high: Values, css: str = "c1") -> str:
    """Intervals as upright strokes."""
    strokes = "".join(
        f"M{axes.at_x(a)} {axes.at_y(b)}V{axes.at_y(c)}" for a, b, c in zip(x, low, high, strict=True) if b < c
    )
    return f'<path class="whisker {css}" d="{strokes}"/>' if strokes else ""


def columns(axes: Axes, edges: Values, heights: Values, css: str = "fill") -> str:
    """A column between every two edges, from zero."""
    zero = axes.at_y(0.0)
    drawn = []
    for number, height in enumerate(heights):
        left, right, top = axes.at_x(edges[number]), axes.at_x(edges[number + 1]), axes.at_y(height)
        drawn.append(
            f'<rect class="{css}" x="{left + 1:.1f}" y="{min(top, zero):.1f}" width="{max(right - left - 2, 1):.1f}" '
            f'height="{abs(zero - top):.1f}"/>'
        )
    return "".join(drawn)


def rule(axes: Axes, words: str, *, x: float | None = None, y: float | None = None) -> str:
    """A dashed line across, with its name on it."""
    if x is not None:
        place, left = axes.at_x(x), x > sum(axes.x) / 2
        anchor, near = ("end", place - 4) if left else ("start", place + 4)
        top = axes.at_y(axes.y[1])
        stroke = f"M{place} {top}V{axes.at_y(axes.y[0])}"
        return f'<path class="rule" d="{stroke}"/>{text(words, near, top + 10, anchor)}'
    height = axes.at_y(y if y is not None else 0.0)
    stroke = f"M{axes.at_x(axes.x[0])} {height}H{axes.at_x(axes.x[1])}"
    return f'<path class="rule" d="{stroke}"/>{text(words, axes.width - 16, height - 4, "end")}'


def text(words: str, x: float, y: float, anchor: str = "start", css: str = "") -> str:
    """Words at a place."""
    kind = f' class="{css}"' if css else ""
    return f'<text{kind} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(words)}</text>' if words else ""


def frame(axes: Axes, x_names: Sequence[str] = ()) -> str:
    """Grid, ticks and labels. x_names: words below the middles of equal steps, instead of ticks."""
    right, base = axes.width - 14, axes.height - axes.bottom
    parts = []
    for value in axes.marks(axes.y):
        place = axes.at_y(value)
        said = text(axes.named(value), axes.left - 6, place + 4, "end")
        parts.append(f'<path class="grid" d="M{axes.left} {place}H{right}"/>{said}')
    if x_names:
        step = (axes.x[1] - axes.x[0]) / len(x_names)
        for number, name in enumerate(x_names):
            parts.append(text(name, axes.at_x(axes.x[0] + (number + 0.5) * step), base + 16, "middle"))
    else:
        named = axes.named if axes.root else shown
        parts += [text(named(value), axes.at_x(value), base + 16, "middle") for value in axes.marks(axes.x)]
    parts.append(text(axes.x_label, (axes.left + right) / 2, axes.height - 6, "middle", "label"))
    turned = f"rotate(-90 12 {base / 2 + 6:.0f})"
    parts.append(
        f'<text class="label" transform="{turned}" x="12" y="{base / 2 + 6:.0f}" text-anchor="middle">{html.escape(axes.y_label)}</text>'
    )
    return "".join(parts)


def lying_bars(rows: Sequence[tuple[str, float, str]], said: str, *, best: str = "", width: float = 460.0) -> str:
    """Bars with name and value on them: (name, value, value in words). best: the one to stand out."""
    top = max((value for _, value, _ in rows), default=0.0) or 1.0
    parts = []
    for number, (name, value, words) in enumerate(rows):
        y = 24 * number
        long = max(value / top, 0.0) * (width - 150)
        css = "fill strong" if name == best else "fill"
        parts.append(
            f'<rect class="{css}" x="0" y="{y}" width="{max(long, 1):.1f}" height="20"/>'
            f"{text(name, 6, y + 14)}{text(words, width - 4, y + 14, 'end', 'label')}"
        )
    return canvas("".join(parts), width, 24.0 * len(rows), said)


def canvas(marks: str, width: float, height: float, said: str) -> str:
    """The marks as one picture. said: the same in words, for those who cannot see it."""
    return f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{html.escape(said)}">{marks}</svg>'


def plot(axes: Axes, said: str, *marks: str, x_names: Sequence[str] = ()) -> str:
    """Axes with marks on them. said: what they show, in words."""
    return canvas(frame(axes, x_names) + "".join(marks), axes.width, axes.height, said)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column names the rows."""
    head = "".join(
        f"<th scope=col{' class=n' if place else ''}>{html.escape(one)}</th>" for place, one in enumerate(headings)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<th scope=row>{html.escape(cell)}</th>" if not place else f"<td class=n>{html.escape(cell)}</td>"
            for place, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
