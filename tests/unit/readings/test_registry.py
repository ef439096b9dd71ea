from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pdm.errors import InputError
from pdm.readings.registry import Asset, Installation, read_assets, read_installations, register

PUMP = Asset("P-101", "pump", "Feed pump", "site/area/line", 2, "L-1", "1 of 2 with P-102", attributes={"rating": 5.5})


def test_an_asset_comes_back_as_it_was_registered(history, start):
    dated = Asset("P-102", "pump", commissioned=start)

    assert register(history, [PUMP, dated], now=start) == 2
    assert read_assets(history) == {"P-101": PUMP, "P-102": dated}


def test_registering_the_same_again_changes_nothing(history, start, hour):
    item = Installation("P-101", "BRG-1", start, "bearing")
    register(history, [PUMP], [item], now=start)

    assert register(history, [PUMP, PUMP], [item, item], now=hour(5)) == 0
    assert history.version("assets") == history.version("installations") == 0


def test_new_facts_make_a_new_version_and_the_old_one_stays_readable(history, start, hour):
    register(history, [PUMP], now=start)
    moved = Asset("P-101", "pump", criticality=5)

    assert register(history, [moved], now=start) == 1  # even in the same instant
    assert read_assets(history)["P-101"] == moved
    assert read_assets(history, known_at=start)["P-101"] == PUMP
    assert read_assets(history, known_at=hour(1))["P-101"] == moved


def test_facts_can_be_put_back_to_what_they_were(history, start, hour):
    register(history, [PUMP], now=start)
    register(history, [Asset("P-101", "pump", criticality=5)], now=hour(1))

    assert register(history, [PUMP], now=hour(2)) == 1
    assert read_assets(history)["P-101"] == PUMP


def test_an_asset_registered_later_exists_in_the_past_with_its_first_record(history, start, hour):
    register(history, [PUMP], now=hour(5))
    register(history, [Asset("P-101", "pump", criticality=5)], now=hour(6))

    assert read_assets(history, known_at=start)["P-101"] == PUMP


def test_assets_can_be_asked_by_class_and_an_empty_plant_has_none(history, start):
    assert read_assets(history) == {}
    assert read_installations(history).empty

    register(history, [PUMP, Asset("C-1", "compressor")], now=start)

    assert list(read_assets(history, asset_class="compressor")) == ["C-1"]


@pytest.mark.parametrize(
    ("asset", "words"),
    [
        (Asset(" ", "pump"), "needs a tag and a class"),
        (Asset("P-1", ""), "needs a tag and a class"),
        (Asset("P-1", "pump", criticality=0), "asset P-1 has criticality 0"),
    ],
)
def test_an_impossible_asset_is_refused(history, start, asset, words):
    with pytest.raises(InputError, match=words):
        register(history, [asset], now=start)


def test_an_installation_is_known_from_when_it_was_registered(history, start, hour):
    register(history, [], [Installation("P-101", "BRG-1", start, "bearing")], now=hour(5))
    register(history, [], [Installation("P-101", "BRG-1", start, "bearing", end=hour(8))], now=hour(9))

    assert read_installations(history, known_at=hour(4)).empty
    assert read_installations(history, known_at=hour(5))["end"].isna().all()
    assert read_installations(history)["end"].tolist() == [hour(8)]


def test_an_imported_installation_is_known_when_it_happened_and_its_end_only_then(history, start, hour):
    item = Installation("P-101", "BRG-1", start, "bearing", end=hour(8))
    now = datetime(2026, 1, 1, tzinfo=UTC)

    assert register(history, [], [item], now=now, backfill=True) == 2
    assert register(history, [], [item], now=now + timedelta(days=1), backfill=True) == 0
    assert read_installations(history, known_at=hour(7))["end"].isna().all()
    assert read_installations(history, known_at=hour(8))["end"].tolist() == [hour(8)]


def test_an_item_cannot_leave_before_it_came(history, hour):
    with pytest.raises(InputError, match="before it came"):
        register(history, [], [Installation("P-101", "BRG-1", hour(5), end=hour(4))], now=hour(9))
