"""Chance that keeps its shares: fates are dealt like cards from a shuffled deck, so that a small plant has its share of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np

T = TypeVar("T")
DECK = 40


@dataclass
class Deck(Generic[T]):
    """Cards in the given shares, shuffled; a new deck when it is used up.

    >>> deck = Deck(np.random.default_rng(1), {"none": 0.25, "gradual": 0.75})
    >>> sum(deck.deal() == "none" for _ in range(40))
    10
    """

    rng: np.random.Generator
    shares: Mapping[T, float]
    cards: list[T] = field(default_factory=list)

    def deal(self, fits: Callable[[T], bool] = lambda _: True) -> T:
        """The next card that fits; those that do not stay in the deck. `fits` must accept at least one kind of card."""
        while True:
            for place, card in enumerate(self.cards):
                if fits(card):
                    return self.cards.pop(place)
            self.cards += self._shuffled()

    def _shuffled(self) -> list[T]:
        # Systematic sampling: each kind gets its share rounded up or down, with a random phase.
        edges = np.cumsum(list(self.shares.values()))
        points = (np.arange(DECK) + self.rng.random()) / DECK * edges[-1]
        kinds = list(self.shares)
        drawn = [kinds[int(n)] for n in np.searchsorted(edges, points, side="right").clip(max=len(kinds) - 1)]
        return [drawn[int(n)] for n in self.rng.permutation(DECK)]


@dataclass
class Metronome:
    """True in one of every `1 / share` calls, with a random phase."""

    rng: np.random.Generator
    share: float
    phase: float = -1.0

    def strikes(self) -> bool:
        """Whether it happens this time."""
        if self.phase < 0:
            self.phase = float(self.rng.random())
        self.phase += self.share
        if self.phase >= 1:
            self.phase -= 1
            return True
        return False
