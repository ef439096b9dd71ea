"""Data from which nothing can be learnt: a sentence each, never a traceback, and whatever can be learnt all the same is."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Target
from pdm.catalogue.load import load_model
from pdm.errors import DefinitionError, PdmError, TooLittleData
from pdm.learning.train import train


def train_on(fleet, **options):
    return train(fleet.features, fleet.lives, fleet.definition, fleet.asset_class, threads=1, **options)


def only(fleet, target):
    return fleet.with_(definition=replace(fleet.definition, targets=(target,)))


def test_one_class_only_is_said_so(engines):
    always = Target("within_ever", "failure_within", ("wear",), horizon=1e6)

    with pytest.raises(TooLittleData, match="every row has the same answer") as refused:
        train_on(only(engines, always))

    assert "nothing can be learnt about class engine" in str(refused.value)


def test_what_can_be_learnt_beside_one_class_only_is_learnt(engines):
    always = Target("within_ever", "failure_within", ("wear",), horizon=1e6)
    both = replace(engines.definition, targets=(always, engines.definition.targets[0]))

    trained = train_on(engines.with_(definition=both))

    assert [part.target.name for part in trained.model.targets] == ["wear_within_20"]
    assert "same answer" in trained.model.facts["abstained"]["within_ever"]


def test_lives_without_an_end_teach_nothing_and_break_nothing(engines):
    lives = engines.lives.assign(end=np.nan)

    with pytest.raises(TooLittleData, match="0 lives on 0 assets"):
        train_on(engines.with_(lives=lives))


def test_a_few_lives_without_an_end_are_left_out(engines):
    lives = engines.lives.copy()
    lives.loc[:4, "end"] = np.nan

    trained = train_on(only(engines.with_(lives=lives), engines.definition.targets[0]))

    assert trained.model.facts["failures"]["wear_within_20"] == len(engines.lives) - 5


def test_features_that_are_missing_everywhere_teach_nothing(engines):
    columns = ["wear__mean", "noise__mean", "load__mean"]
    nothing = engines.features.assign(**{name: np.float32(np.nan) for name in columns})

    with pytest.raises(TooLittleData, match="every answer is the same"):
        train_on(only(engines.with_(features=nothing), engines.definition.targets[0]))


def test_an_infinite_value_is_no_reason_to_stop(engines):
    wild = engines.features.copy()
    wild.loc[::50, "noise__mean"] = np.float32(np.inf)

    assert train_on(only(engines.with_(features=wild), engines.definition.targets[0])).model.targets


def test_a_single_asset_is_too_little(engines):
    one = engines.features[engines.features["asset"] == "E-00"]

    with pytest.raises(TooLittleData, match="1 lives on 1 assets"):
        train_on(engines.with_(features=one))


def test_no_lives_at_all_are_a_sentence(engines):
    with pytest.raises(PdmError, match="0 lives"):
        train_on(engines.with_(lives=engines.lives.head(0)))


def test_a_horizon_shorter_than_one_step_is_refused_with_its_line(engines, tmp_path):
    file = tmp_path / "engine.toml"
    file.write_text(
        'asset_class = "engine"\ntitle = "Engines"\n'
        '[[failure_mode]]\nname = "wear"\ntitle = "Wear"\nmaintainable_item = "unit"\n'
        '[[target]]\nname = "soon"\nkind = "failure_within"\nmodes = ["wear"]\nhorizon = "0.5 cycles"\n'
        "[costs]\nmissed_failure = 1\nplanned_repair = 1\nfalse_alert = 1\n"
    )

    with pytest.raises(DefinitionError, match=r"engine\.toml:8: target 'soon': a horizon of 0\.5 cycles is shorter"):
        load_model(file, {"engine": engines.asset_class})


def test_a_truth_that_is_not_known_is_never_a_negative(engines):
    open_lives = engines.lives.assign(ended_by="open", failure_mode="", severity="")
    half = pd.concat([engines.lives.head(20), open_lives.tail(20)], ignore_index=True)

    trained = train_on(only(engines.with_(lives=half), engines.definition.targets[0]))

    answers = trained.answers
    late = answers[~answers["observed"] & (answers["remaining"] < 20)]
    assert len(late)
    assert trained.evaluation.views[0].metrics["rows"] == len(answers) - len(late)
