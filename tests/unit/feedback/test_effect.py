"""Whether a repair worked, with numbers worked out by hand."""

import pytest

from pdm.feedback.effect import Level, judge


def level(after, *, sound=2.0, before=6.0, **more):
    return Level("vibration", "mm/s", sound, before, after, 0.5, **more)


@pytest.mark.parametrize(
    ("afters", "word"),
    [
        ((2.2,), "restored"),
        ((2.8,), "restored"),
        ((4.0,), "partly"),
        ((5.9,), "not restored"),
        ((7.0,), "not restored"),
        ((-1.0,), "not restored"),
        ((2.0, 5.9), "partly"),
        ((2.0, None), "too early"),
        ((), "cannot say"),
    ],
)
def test_the_word_follows_from_the_share_of_the_way_back(afters, word):
    assert judge([level(after) for after in afters], restoring=False).word == word


def test_a_level_that_had_not_moved_does_not_vote():
    still = level(9.0, before=2.3)

    assert judge([still], restoring=False).word == "cannot say"
    assert judge([still, level(2.0)], restoring=False).word == "restored"


def test_a_risk_below_its_sound_value_is_restored():
    assert level(0.0, high_is_bad=True).back == 1.0
    assert level(0.0).back == pytest.approx(0.5)


def test_the_sentence_has_the_numbers_and_the_advice_fits():
    found = judge([level(3.0)], restoring=False)
    assert "2 mm/s when sound, 6 mm/s before the repair, 3 mm/s after it; 75% of the way back" in found.sentence

    assert "restores" in judge([level(2.0)], restoring=False).advice
    assert judge([level(2.0)], restoring=True).advice == ""
    assert "open it again" in judge([level(6.0)], restoring=True).advice
