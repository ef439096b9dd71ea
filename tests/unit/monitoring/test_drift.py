"""The limit of a stability index comes from the past, and machines are counted in their own spreads."""

import numpy as np
import pandas as pd
import pytest

from pdm.monitoring.drift import FLOOR, SPAN, learn_usual, stability

SPANS = 20


def rows(seed=1, machines=("A", "B"), restless=0.0, spans=SPANS, level=(1.0, 500.0), spread=(0.1, 40.0), shift=0.0):
    """Hourly values of machines with quite different levels; `restless`: spreads by which each fortnight differs from the next."""
    random = np.random.default_rng(seed)
    frames = []
    for number, name in enumerate(machines):
        own = np.repeat(random.normal(size=spans), int(SPAN)) * restless + random.normal(size=spans * int(SPAN)) + shift
        position = np.arange(len(own), dtype=float)
        frames.append(
            pd.DataFrame({"asset": name, "position": position, "value": level[number] + spread[number] * own})
        )
    return pd.concat(frames, ignore_index=True)


def test_the_index_is_the_one_of_the_books():
    past, new = rows(), rows(seed=2, spans=1, shift=0.5)
    usual = learn_usual(past, SPANS * SPAN)

    seen = stability(new, usual)

    scaled = (new["value"] - new["asset"].map(usual.own["middle"])) / new["asset"].map(usual.own["spread"])
    p = np.histogram(scaled, [-np.inf, *usual.edges, np.inf])[0] + 0.5
    q = usual.shares + 0.5
    p, q = p / p.sum(), q / q.sum()
    assert seen.psi == pytest.approx(float(np.sum((p - q) * np.log(p / q))))
    assert usual.shares == pytest.approx(np.full(10, usual.shares.sum() / 10), abs=1.0)


@pytest.mark.parametrize("restless", [0.0, 0.5, 1.5])
def test_more_of_the_same_is_no_drift_however_restless_it_is(restless):
    usual = learn_usual(rows(restless=restless), SPANS * SPAN)

    new = [stability(rows(seed=seed, restless=restless, spans=1), usual) for seed in range(2, 22)]

    assert sum(one.drifts for one in new) <= (0 if restless < 1 else 2)
    assert usual.limit >= FLOOR


def test_a_restless_past_asks_for_a_larger_shift_than_a_calm_one():
    calm, restless = (learn_usual(rows(restless=size), SPANS * SPAN) for size in (0.0, 1.5))
    moved = rows(seed=2, spans=1, shift=1.5)

    assert stability(moved, calm).drifts
    assert not stability(moved, restless).drifts
    assert restless.limit > 4 * calm.limit
    assert stability(rows(seed=2, spans=1, shift=12.0), restless).drifts


def test_machines_that_moved_are_named_the_furthest_first_and_unknown_ones_do_not_count():
    usual = learn_usual(rows(), SPANS * SPAN)
    new = rows(seed=2, spans=1)
    new.loc[new["asset"] == "B", "value"] += 2 * 1.35 * 40.0
    new.loc[new["asset"] == "A", "value"] += 1.5 * 1.35 * 0.1
    stranger = new[new["asset"] == "A"].assign(asset="Z", value=1e6)

    seen = stability(pd.concat([new, stranger], ignore_index=True), usual)

    assert (seen.moved, seen.machines) == (("B", "A"), 2)
    assert seen.shift > 1.0


def test_too_short_a_past_too_few_rows_and_what_never_moves_are_not_judged():
    assert learn_usual(rows(spans=7), 7 * SPAN) is None
    assert learn_usual(rows().iloc[:0], SPANS * SPAN) is None
    assert learn_usual(rows().assign(value=1.0), SPANS * SPAN) is None
    usual = learn_usual(rows(), SPANS * SPAN)
    assert stability(rows(seed=2, spans=1).iloc[:199], usual) is None
