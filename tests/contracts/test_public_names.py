import importlib
import subprocess
import sys

import pytest

import pdm


def test_the_list_of_public_names_and_the_table_of_where_they_live_are_the_same():
    assert sorted(pdm._FROM) == sorted(pdm.__all__) == pdm.__all__


@pytest.mark.parametrize("name", pdm.__all__)
def test_every_public_name_is_there_and_documented(name):
    thing = getattr(pdm, name)

    assert thing is getattr(importlib.import_module(pdm._FROM[name]), name)
    assert thing.__doc__


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'Pump'"):
        _ = pdm.Pump


def test_importing_the_package_loads_none_of_the_heavy_libraries():
    program = "import pdm, sys; print([m for m in ('pandas', 'numba', 'lightgbm', 'duckdb') if m in sys.modules])"

    assert (
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.strip()
        == "[]"
    )
