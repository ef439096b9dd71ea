"""What every picture of a training report is, and how its figures are read: units, titles, and shares in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pdm.learning import report_svg as svg


@dataclass(frozen=True)
class Reading:
    """How figures of one class are read. unit: of lengths on the charts; per: native units in one of it.

    planning: target -> native units that planning and parts take. titles: target -> what it asks, in words. channels: name -> title.
    """

    unit: str = "h"
    per: float = 1.0
    currency: str = ""
    planning: Mapping[str, float] | None = None
    titles: Mapping[str, str] | None = None
    channels: Mapping[str, str] | None = None

    def length(self, native: float) -> str:
        """A length in words."""
        return f"{svg.shown(native / self.per)} {self.unit}"

    def channel(self, name: str) -> str:
        """A channel by its title; `repair.seal` is the repair of the seal."""
        told = {"asset": "age of the asset", "life": "length of the life so far"} | dict(self.channels or {})
        return told.get(name, name.replace(".", " of ").replace("_", " "))

    def plain(self, text: str) -> str:
        """A sentence with the names of targets replaced by what they ask."""
        for name, title in sorted((self.titles or {}).items(), key=lambda pair: -len(pair[0])):
            text = text.replace(name, lower(title))
        return text


@dataclass(frozen=True)
class Picture:
    """One chart. sentence: its answer. drawing: SVG. headings, rows: the figures behind it. legend: (class of the mark, name)."""

    title: str
    sentence: str
    drawing: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    legend: tuple[tuple[str, str], ...] = ()


def percent(share: float) -> str:
    """A share in words: two digits below a tenth."""
    return f"{100 * share:.0f} %" if share >= 0.095 or not share else f"{100 * share:.2g} %"


def upper(title: str) -> str:
    """With a capital first letter."""
    return f"{title[:1].upper()}{title[1:]}"


def lower(title: str) -> str:
    """With a small first letter, for the middle of a sentence."""
    return f"{title[:1].lower()}{title[1:]}"
