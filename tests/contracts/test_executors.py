"""Every executor keeps the same promises; the Dask one on a real cluster of two worker processes on loopback."""

import math
import operator

import pandas as pd
import pytest
from distributed import LocalCluster

from pdm.adapters.dask import DaskExecutor
from pdm.catalogue import FeatureSet, Window
from pdm.errors import ConfigurationError
from pdm.extraction import extract
from pdm.extraction.executor import Serial, Threads

pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None, silence_logs=50
    ) as running:
        yield running.scheduler_address


@pytest.fixture(params=["serial", "threads", "dask"])
def executor(request):
    if request.param == "dask":
        return DaskExecutor(request.getfixturevalue("cluster"))
    return {"serial": Serial(), "threads": Threads(2)}[request.param]


def test_results_come_in_the_order_of_the_items(executor):
    assert list(executor.map(operator.neg, range(20))) == [-n for n in range(20)]


def test_an_exception_is_raised_where_its_result_would_have_come(executor):
    results = executor.map(math.sqrt, [4.0, -1.0])

    assert next(results) == 2.0
    with pytest.raises(ValueError, match=r"math domain error|nonnegative"):
        next(results)


def test_features_are_the_same_bit_for_bit_wherever_they_are_computed(executor):
    times = pd.date_range("2026-01-01", periods=200, freq="h", tz="UTC")
    readings = pd.concat(
        [
            pd.DataFrame(
                {"asset": f"P-{number}", "time": times, "pressure": [math.sin(n * number) for n in range(200)]}
            )
            for number in range(1, 5)
        ]
    )
    feature_set = FeatureSet("pump", ("pressure",), (Window(duration="24h", every="6h", min_rows=3),))

    pd.testing.assert_frame_equal(extract(readings, feature_set, executor=executor), extract(readings, feature_set))


def test_a_cluster_that_is_not_there_is_named():
    with pytest.raises(ConfigurationError, match=r"tcp://127\.0\.0\.1:9"):
        list(DaskExecutor("tcp://127.0.0.1:9", timeout=0.5).map(operator.neg, [1]))
