"""What a figure must keep apart, and how much it must rest on."""

from datetime import timedelta
from pathlib import Path

import pytest

from pdm.errors import InputError
from pdm.simulation.judge.protocol import Stamp, code_version, months, standing

HELD_OUT = range(1000, 1020)


def test_a_figure_is_published_on_twenty_held_out_plants_and_two_hundred_failures():
    assert standing(HELD_OUT, 200).label == "published"


@pytest.mark.parametrize(
    ("seeds", "detectable", "honest", "label", "reason"),
    [
        (HELD_OUT[:19], 400, True, "small run", "19 plants"),
        (HELD_OUT, 199, True, "small run", "199 failures"),
        ([1000] * 20, 400, True, "small run", "1 plant,"),
        (range(1, 21), 400, True, "development", "seeds below 1000"),
        (HELD_OUT, 400, False, "development", "not the honest simulator"),
    ],
)
def test_anything_less_says_what_it_lacks(seeds, detectable, honest, label, reason):
    found = standing(seeds, detectable, honest=honest)

    assert found.label == label
    assert reason in str(found)


def test_training_months_end_before_test_months_begin(hand):
    found = months(hand.day(0), hand.day(200), hand.day(300), gap=timedelta(days=30))

    assert found.training.end == hand.day(170)
    assert found.known_at == found.test.start == hand.day(200)
    with pytest.raises(InputError, match="after the test began"):
        months(hand.day(0), hand.day(200), hand.day(300), gap=timedelta(days=-1))


def test_a_report_without_the_version_of_its_simulator_does_not_exist():
    assert Stamp("h1", "c1", "s1").key(7) == "h1-s1-c1-7"
    with pytest.raises(InputError, match="versions"):
        Stamp("", "c1", "s1")


def test_the_version_of_the_code_follows_every_file(tmp_path: Path):
    more = tmp_path / "benchmark.py"
    more.write_text("a = 1\n", encoding="utf-8")
    before = code_version(more)
    more.write_text("a = 2\n", encoding="utf-8")

    assert code_version(more) != before
    assert len(before) == 12
