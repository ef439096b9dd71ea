"""Which features are relevant: the p-values and the choice of tsfresh, and the discoveries of statsmodels, on independent rows."""

import warnings

import numpy as np
import pandas as pd
import pytest

from pdm.extraction.selection import discoveries, relevance
from pdm.testing.relevance import features_and_target


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("independent", [True, False])
def test_p_values_and_choice_are_those_of_tsfresh_on_independent_rows(binary, independent):
    from tsfresh.feature_selection.relevance import calculate_relevance_table

    features, y = features_and_target()
    y = (y > 0.2).astype(int) if binary else y
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = calculate_relevance_table(
            features, pd.Series(y), n_jobs=1, fdr_level=0.05, hypotheses_independent=independent
        )

    found = relevance(features, y, np.arange(120), train=np.ones(120, dtype=bool), independent=independent).set_index(
        "feature"
    )

    expected = expected.loc[found.index]
    np.testing.assert_allclose(found["p_value"], expected["p_value"].astype(float), rtol=1e-12)
    assert found["relevant"].tolist() == expected["relevant"].astype(bool).tolist()
    assert found["kind"].tolist() == expected["type"].tolist()
    assert found["relevant"]["signal1"]
    assert not found["relevant"]["constant"]


@pytest.mark.parametrize("independent", [True, False])
def test_discoveries_are_those_of_statsmodels(independent):
    from statsmodels.stats.multitest import multipletests

    rng = np.random.default_rng(9)
    for _ in range(50):
        p_values = rng.uniform(size=30) ** rng.uniform(1, 6)

        found = discoveries(p_values, 0.1, independent=independent)

        assert found.tolist() == multipletests(p_values, 0.1, "fdr_bh" if independent else "fdr_by")[0].tolist()
