"""Local times become UTC with the rules of daylight saving, and every spelling of a moment means the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdm.errors import InputError, ZoneQuestion
from pdm.readings.timestamps import to_times
from pdm.readings.zones import check_zone, localise


def times(*cells, zone="Europe/Berlin", **options):
    series = np.zeros(len(cells), dtype=np.int64)
    return to_times(pd.Series(cells, dtype="object"), zone=zone, source="test", series=series, **options)


@pytest.mark.parametrize(
    "cell",
    [
        "2025-05-03 02:00",
        "2025-05-03T02:00:00",
        "20250503T020000",
        "2025/05/03 02:00:00",
        "2025-05-03 02:00:00,000",
        "2025-05-03T00:00:00Z",
        "2025-05-03 00:00 UTC",
        "2025-05-03T02:00:00+02:00",
        "2025-05-03 02:00:00 +0200",
        "03.05.2025 02:00",
        "3.5.2025 2:00:00",
        "03.05.25 02:00",
        "03-May-25 02:00:00",
        "3 Mai 2025 02:00",
        "03-May-2025 02:00:00.000",
        "1746230400",
        "1746230400000",
        "1746230400.0",
    ],
)
def test_one_moment_in_all_its_spellings(cell):
    found = times(cell)

    assert found.reasons == {}
    assert found.times[0] == pd.Timestamp("2025-05-03T00:00Z")


def test_the_rows_of_a_column_decide_which_number_is_the_day():
    european = times("03/05/2025 02:00", "13/05/2025 02:00", zone="UTC")
    american = times("05/03/2025 2:00 AM", "05/13/2025 12:30 PM", "05/13/2025 12:15 AM", zone="UTC")

    assert european.times[0] == pd.Timestamp("2025-05-03T02:00Z")
    assert american.times.tolist() == [
        pd.Timestamp("2025-05-03T02:00Z"),
        pd.Timestamp("2025-05-13T12:30Z"),
        pd.Timestamp("2025-05-13T00:15Z"),
    ]


def test_without_evidence_the_day_is_a_question_that_the_sender_can_answer():
    with pytest.raises(InputError, match="which number is the day"):
        times("03/05/2025 02:00")

    assert times("03/05/2025 02:00", zone="UTC", day_first=False).times[0] == pd.Timestamp("2025-03-05T02:00Z")


def test_naive_times_without_a_zone_are_a_question():
    with pytest.raises(ZoneQuestion, match="In which time zone does test write its times"):
        times("2025-05-03 02:00", zone=None)


def test_times_with_an_offset_need_no_zone():
    assert times("2025-05-03T02:00:00+02:00", "1746230400", zone=None).reasons == {}


def test_words_nothing_and_the_distant_past_are_no_times():
    found = times("soon", "", None, "1899-12-30", "2025-13-01")

    assert found.reasons == {
        0: "'soon' is no time",
        1: "the time is missing",
        2: "the time is missing",
        3: "1899-12-30 lies before 1970",
        4: "'2025-13-01' is no time",
    }


def test_an_unknown_zone_gets_the_nearest_name():
    assert check_zone("Europe/Berlin") == "Europe/Berlin"
    with pytest.raises(InputError, match="did you mean 'Europe/Berlin'"):
        check_zone("Europe/Berlim")


def walls(*texts):
    return pd.DatetimeIndex([f"2025-10-26 {text}" for text in texts])


def hours(found):
    return found.times.strftime("%H:%M").tolist()


def test_a_repeated_hour_is_the_second_one():
    found = localise(walls("01:00", "02:00", "02:00", "03:00"), "Europe/Berlin", np.zeros(4, dtype=np.int64))

    assert hours(found) == ["23:00", "00:00", "01:00", "02:00"]
    assert not found.guessed.any()


def test_assets_in_between_do_not_disturb_each_other():
    found = localise(walls("02:00", "02:00", "02:30", "02:00"), "Europe/Berlin", np.array([0, 1, 0, 0]))

    assert hours(found) == ["00:00", "00:00", "00:30", "01:00"]
    assert found.guessed.tolist() == [False, True, False, False]


def test_a_file_that_starts_with_the_newest_row_is_read_from_its_end():
    found = localise(walls("03:00", "02:30", "02:00", "02:30", "02:00"), "Europe/Berlin", np.zeros(5, dtype=np.int64))

    assert hours(found) == ["02:00", "01:30", "01:00", "00:30", "00:00"]


def test_a_zone_without_daylight_saving_has_no_such_nights():
    found = localise(walls("02:00", "02:00"), "Asia/Tokyo", np.zeros(2, dtype=np.int64))

    assert not found.guessed.any()
    assert not found.missing_hour.any()


@given(
    start=st.datetimes(min_value=pd.Timestamp("2001-01-01"), max_value=pd.Timestamp("2030-01-01")),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]),
    backwards=st.booleans(),
)
def test_a_complete_local_export_comes_back_to_the_moments_it_was_written_from(start, zone, backwards):
    moments = pd.date_range(pd.Timestamp(start).floor("30min"), periods=24 * 60, freq="30min", tz="UTC").as_unit("us")
    if backwards:
        moments = moments[::-1]

    local = moments.tz_convert(zone).tz_localize(None)
    found = localise(local, zone, np.zeros(len(local), dtype=np.int64))

    # A file that starts or ends in the doubled hour cannot tell; everything else must come back exactly.
    assert (found.times == moments)[2:-2].all() or found.guessed.any()
