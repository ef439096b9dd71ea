"""People mend what sensors told wrongly; who, when and why stays on record, and so does what was known before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from pdm.errors import InputError, NotFound
from pdm.operations.correct_readings import correct_readings, void_readings
from pdm.operations.exclude_interval import exclude_interval
from pdm.operations.ingest_readings import ingest_readings
from pdm.readings.exclusions import read_exclusions

START = datetime(2025, 5, 1, tzinfo=UTC)


def hour(number):
    return START + timedelta(hours=number)


@pytest.fixture
def loaded(plant):
    time = pd.date_range(START, periods=4, freq="h")
    frame = pd.DataFrame({"asset": "P-101", "time": time, "pressure": [4.0, 5.0, 6.0, 7.0]})
    ingest_readings(plant, frame, asset_class="pump")
    plant.clock.advance(timedelta(days=1))
    return plant


def deed(**changes):
    base = {"asset": "P-101", "channel": "pressure", "start": hour(1), "end": hour(2), "by": "eva", "reason": "drift"}
    return {**base, **changes}


def test_a_correction_replaces_values_and_is_audited(loaded, audit, stored):
    cells = correct_readings(loaded, **deed(), value=4.5)

    assert cells == 2
    assert [row["pressure"] for row in stored()] == [4.0, 4.5, 4.5, 7.0]
    entry = audit[0]
    assert (entry.who, entry.verb, entry.subject, entry.why) == ("eva", "correct readings", "readings:P-101", "drift")
    assert (entry.details["cells"], entry.details["value"]) == (2, 4.5)


def test_what_was_known_before_a_correction_stays_readable(loaded, stored):
    before = loaded.clock.now() - timedelta(hours=1)

    correct_readings(loaded, **deed(), value=4.5)

    assert [row["pressure"] for row in stored(known_at=before)] == [4.0, 5.0, 6.0, 7.0]


def test_voided_values_are_gone_without_a_replacement(loaded, audit, stored):
    assert void_readings(loaded, **deed()) == 2

    assert ["pressure" in row for row in stored()] == [True, False, False, True]
    assert audit[0].verb == "void readings"


def test_the_same_correction_again_changes_nothing_and_is_not_audited_twice(loaded, audit):
    correct_readings(loaded, **deed(), value=4.5)

    assert correct_readings(loaded, **deed(), value=4.5) == 0
    assert len(audit) == 1


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"asset": "P-999"}, NotFound, "no asset 'P-999'"),
        ({"channel": "presure"}, NotFound, "has no channel 'presure'"),
        ({"by": " "}, InputError, "needs a name and a reason"),
        ({"reason": ""}, InputError, "needs a name and a reason"),
        ({"start": 1.0, "end": 2.0}, InputError, "no position of this class"),
        ({"end": START}, InputError, "ends .* before it starts"),
        ({"value": 4000.0}, InputError, "not possible for pressure"),
    ],
)
def test_a_correction_that_makes_no_sense_changes_nothing(loaded, audit, stored, changes, error, words):
    with pytest.raises(error, match=words):
        correct_readings(loaded, **deed(**{"value": 4.5, **changes}))

    assert audit == []
    assert [row["pressure"] for row in stored()] == [4.0, 5.0, 6.0, 7.0]


def test_an_exclusion_is_on_record_with_who_and_why(loaded, audit):
    known = exclude_interval(loaded, asset="P-101", start=hour(0), end=hour(2), reason="trial run", by="eva")

    exclusions = read_exclusions(loaded.history)
    assert exclusions["exclusion_id"].tolist() == [known]
    assert (audit[0].verb, audit[0].why) == ("exclude interval", "trial run")


@pytest.mark.parametrize(
    ("changes", "error"), [({"asset": "P-999"}, NotFound), ({"by": ""}, InputError), ({"reason": ""}, InputError)]
)
def test_an_exclusion_needs_a_machine_a_name_and_a_reason(loaded, audit, changes, error):
    known = {"asset": "P-101", "start": hour(0), "end": hour(2), "reason": "trial run", "by": "eva"}

    with pytest.raises(error):
        exclude_interval(loaded, **{**known, **changes})

    assert audit == []
    assert read_exclusions(loaded.history).empty
