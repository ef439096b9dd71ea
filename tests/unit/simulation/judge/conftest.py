"""Small truths by hand: every day is counted from New Year 2026, and a failure costs 100, planned 20."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pdm.simulation.honest.truth import (
    EXPOSURE_COLUMNS,
    FAILURE_COLUMNS,
    RECORD_COLUMNS,
    SENSOR_FAULT_COLUMNS,
    SIGNATURE_COLUMNS,
    Truth,
    table,
)
from pdm.simulation.judge import Period

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number):
    return None if number is None else START + timedelta(days=number)


def a_failure(asset, *, onset, failure, **given):
    """A failure of a bearing that was left to happen; planning 3 days, parts 2 days; the best detector sees it at its onset."""
    ended_at, seen = given.pop("ended_at", failure), given.pop("detectable_from", onset)
    return (
        {
            "failure_id": f"{asset}/{failure:g}",
            "asset": asset,
            "asset_class": "pump",
            "item": f"{asset}-bearing-{failure:g}",
            "maintainable_item": "bearing",
            "failure_mode": "bearing_wear",
            "ended_by": "failure",
            "precursor": "gradual",
            "visible": "yes",
            "planning_time_h": 72.0,
            "parts_time_h": 48.0,
            "cost_unplanned": 100.0,
            "cost_planned": 20.0,
            "infant": False,
        }
        | given
        | {
            "onset": day(onset),
            "failure": day(failure),
            "ended_at": day(ended_at),
            "detectable_from": day(seen),
        }
    )


def a_truth(*failures, assets=("P-1", "P-2"), days=365.25, signatures=(), faults=()):
    exposure = [{"asset": asset, "asset_class": "pump", "start": START, "end": day(days)} for asset in assets]
    return Truth(
        failures=table(list(failures), FAILURE_COLUMNS),
        exposure=table(exposure, EXPOSURE_COLUMNS),
        signatures=table(list(signatures), SIGNATURE_COLUMNS),
        sensor_faults=table(list(faults), SENSOR_FAULT_COLUMNS),
        records=table([], RECORD_COLUMNS),
        version="by-hand",
        seed=1,
    )


def an_alert(asset, raised, *, mode="unspecified", closed=None):
    return {"asset": asset, "raised_at": day(raised), "closed_at": day(closed), "failure_mode": mode}


class Hand:
    """The builders above, as a fixture: test files cannot import each other."""

    day = staticmethod(day)
    failure = staticmethod(a_failure)
    truth = staticmethod(a_truth)
    alert = staticmethod(an_alert)
    year = Period(START, day(365.25))


@pytest.fixture(scope="session")
def hand():
    return Hand
