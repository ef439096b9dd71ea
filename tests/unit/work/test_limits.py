"""What waits for the site's limits says why, and what leaves keeps its order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdm.catalogue.planning import Limits
from pdm.ports import Message
from pdm.testing.builders import NOON
from pdm.work.limits import held_back


def messages(*assets):
    return [Message(f"m-{n}", "work_request", f"PDM-{n}", {"asset": asset}, NOON) for n, asset in enumerate(assets)]


def test_without_limits_nothing_waits():
    assert held_back(messages("P-1", "P-1", "P-1"), {"P-1": 9}, 99, Limits()) == {}


def test_a_machine_with_enough_open_requests_gets_no_more():
    held = held_back(messages("P-1", "P-2"), {"P-1": 2}, 0, Limits(open_per_asset=2))

    assert list(held) == ["PDM-0"]
    assert "2 work requests of P-1 are open" in held["PDM-0"]


def test_what_is_about_to_leave_counts_too():
    assert list(held_back(messages("P-1", "P-1", "P-2"), {}, 0, Limits(open_per_asset=1))) == ["PDM-1"]


def test_a_day_has_its_budget():
    held = held_back(messages("P-1", "P-2", "P-3"), {}, 1, Limits(per_day=2))

    assert list(held) == ["PDM-1", "PDM-2"]
    assert "limit is 2 a day" in held["PDM-2"]


@given(
    st.lists(st.sampled_from("ABC"), max_size=20),
    st.dictionaries(st.sampled_from("ABC"), st.integers(0, 4)),
    st.integers(0, 10),
    st.integers(0, 4),
    st.integers(0, 12),
)
def test_no_limit_is_ever_passed(assets, there, sent, per_asset, per_day):
    waiting = messages(*assets)

    held = held_back(waiting, there, sent, Limits(per_asset, per_day))

    leaving = [message.body["asset"] for message in waiting if message.key not in held]
    for asset in set(leaving):
        assert not per_asset or there.get(asset, 0) + leaving.count(asset) <= per_asset
    assert not per_day or not leaving or sent + len(leaving) <= per_day


@pytest.mark.parametrize("name", ["open_per_asset", "per_day"])
def test_zero_is_no_limit(name):
    assert held_back(messages("P-1"), {"P-1": 5}, 50, Limits(**{name: 0})) == {}
