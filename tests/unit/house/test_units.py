from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdm.errors import InputError
from pdm.units import _UNITS, convert, duration


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [(1, "bar", "kPa", 100), (212, "degF", "degC", 100), (60, "rpm", "Hz", 1), (1, "in/s", "mm/s", 25.4)],
)
def test_known_conversions(value, source, target, expected):
    assert convert(value, source, target) == pytest.approx(expected, rel=1e-12)


@given(st.floats(-1e6, 1e6), st.sampled_from(sorted(_UNITS)), st.sampled_from(sorted(_UNITS)))
def test_there_and_back_again_is_the_same_value(value, source, target):
    if _UNITS[source].quantity != _UNITS[target].quantity:
        with pytest.raises(InputError):
            convert(value, source, target)
        return

    assert convert(convert(value, source, target), target, source) == pytest.approx(value, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(("text", "expected"), [("90min", timedelta(minutes=90)), ("2w", timedelta(days=14))])
def test_lengths_of_time_as_people_write_them(text, expected):
    assert duration(text) == expected


@pytest.mark.parametrize("text", ["", "24", "1 year", "-3d", "h24"])
def test_what_is_no_length_of_time_is_refused(text):
    with pytest.raises(InputError, match="no length of time"):
        duration(text)
