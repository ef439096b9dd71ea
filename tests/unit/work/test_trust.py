"""The ladder of trust: climbed by figures, lost by no-fault-founds, and never above what a person allowed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from pdm.catalogue.planning import TrustTerms
from pdm.errors import InputError
from pdm.testing.builders import NOON
from pdm.work.trust import RUNGS, Trust, demoted, judge, lower_bound, starting, with_ceiling

TERMS = TrustTerms()
RIGHT8 = ["right"] * 8


def stands(rung="suggest", ceiling="automatic"):
    return Trust("pump", "bearing_wear", rung, ceiling)


def after(trust, answers):
    return judge(trust, answers, TERMS, now=NOON)


@given(st.integers(1, 60), st.data())
def test_the_bound_is_the_share_at_which_so_many_right_ones_would_be_rare(cases, data):
    right = data.draw(st.integers(1, cases))

    bound = lower_bound(right, cases, 0.9)

    assert 0 <= bound <= right / cases
    assert binom.sf(right - 1, cases, bound) == pytest.approx(0.1, abs=1e-6)


def test_enough_right_ones_earn_one_rung_and_the_count_begins_anew():
    up = after(stands(), RIGHT8)

    assert (up.rung, up.since) == ("draft", NOON)
    assert "8 of 8" in up.why


@pytest.mark.parametrize("answers", [RIGHT8[:7], ["right"] * 7 + ["wrong"] * 3, []])
def test_too_few_or_too_often_wrong_earns_nothing(answers):
    assert after(stands(), answers) == stands()


def test_the_last_rung_asks_for_more_than_the_one_below():
    assert after(stands("draft"), RIGHT8).rung == "draft"
    assert after(stands("draft"), ["right"] * 14).rung == "automatic"


@pytest.mark.parametrize("rung", ["suggest", "draft", "automatic"])
def test_two_no_fault_founds_cost_a_rung_however_good_it_was_before(rung):
    down = after(stands(rung), ["right"] * 30 + ["no fault", "right", "no fault"])

    assert RUNGS.index(down.rung) == RUNGS.index(rung) - 1
    assert "no-fault-founds" in down.why


def test_no_fault_founds_long_ago_are_forgiven():
    assert after(stands("draft", "draft"), ["no fault", "no fault"] + ["right"] * 5).rung == "draft"


def test_the_lowest_rung_is_never_left_downwards_and_can_be_climbed_again():
    assert after(stands("show"), ["no fault", "no fault"]).rung == "show"
    assert after(stands("show"), RIGHT8).rung == "suggest"


@given(
    st.sampled_from(RUNGS),
    st.sampled_from(RUNGS),
    st.lists(st.lists(st.sampled_from(["right", "wrong", "no fault"]), max_size=40), max_size=8),
)
def test_nobody_ever_climbs_above_the_ceiling_and_no_step_is_longer_than_one(begin, ceiling, years):
    trust = stands(min(begin, ceiling, key=RUNGS.index), ceiling)

    for answers in years:
        before, trust = trust, after(trust, answers)
        assert RUNGS.index(trust.rung) <= RUNGS.index(ceiling)
        assert abs(RUNGS.index(trust.rung) - RUNGS.index(before.rung)) <= 1


def test_raising_a_ceiling_moves_nobody_and_lowering_it_does_at_once():
    raised = with_ceiling(stands("suggest", "suggest"), "automatic", by="Ada", why="good year", now=NOON)
    lowered = with_ceiling(replace(raised, rung="automatic"), "suggest", by="Ada", why="new model", now=NOON)

    assert (raised.rung, raised.raised_by) == ("suggest", "Ada")
    assert lowered.rung == "suggest"


def test_a_definition_alone_lets_nothing_become_automatic():
    assert [starting("pump", "x", word).rung for word in RUNGS] == ["show", "suggest", "draft", "draft"]
    assert starting("pump", "x", "suggest").ceiling == "suggest"


def test_drift_costs_a_rung_and_begins_a_new_count():
    assert (
        demoted(stands("draft"), why="drift", now=NOON).rung,
        demoted(stands("show"), why="drift", now=NOON).rung,
    ) == (
        "suggest",
        "show",
    )


def test_a_word_that_is_no_rung_is_refused():
    with pytest.raises(InputError, match="no rung 'always'"):
        starting("pump", "x", "always")
