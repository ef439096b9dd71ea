import pytest

from pdm.records.matching import Matcher
from pdm.records.structure import Structure
from pdm.records.words import nothing_found
from pdm.testing.builders import an_asset


@pytest.fixture
def matcher():
    assets = {tag: an_asset(tag) for tag in ("P-101", "P-102", "P-1020")} | {"F-1": an_asset("F-1", "fan")}
    return Matcher(assets, Structure())


def test_a_text_that_begins_with_a_sisters_tag_moves_the_record_there(matcher):
    found = matcher.match(["P-101"], "P102 bearing noisy, replaced")

    assert (found.asset, found.how, found.booked_on_sister) == ("P-102", "text", True)


@pytest.mark.parametrize(
    "text", ["bearing of P-102 borrowed", "P-101 swapped with P-102", "P-10255 unknown", "F-1 belt", "", "101"]
)
def test_a_mere_mention_another_class_or_an_unknown_tag_moves_nothing(matcher, text):
    found = matcher.match(["P-101"], text)

    assert (found.asset, found.how, found.booked_on_sister) == ("P-101", "exact", False)


def test_the_longer_of_two_tags_is_the_one_that_is_meant(matcher):
    assert matcher.match(["P-101"], "P-1020: seal leaks").asset == "P-1020"


@pytest.mark.parametrize(
    "text", ["Laufrad zugesetzt, gereinigt. Teil erneuert, Probelauf i.O.", "seal replaced, back to normal"]
)
def test_sound_again_after_work_is_not_sound_all_along(text):
    assert not nothing_found(text)
