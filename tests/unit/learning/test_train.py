import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Target
from pdm.errors import LeakFound, TooLittleData
from pdm.learning.apply import Predictor
from pdm.learning.course import Course
from pdm.learning.paired import figures
from pdm.learning.report import write_report
from pdm.learning.train import train


def train_on(fleet, **options):
    return train(fleet.features, fleet.lives, fleet.definition, fleet.asset_class, threads=1, **options)


def without_failures(fleet, keep):
    lives = fleet.lives.copy()
    lives.loc[lives.index >= keep, ["ended_by", "failure_mode", "severity"]] = ["open", "", ""]
    return replace(fleet, lives=lives)


def test_a_model_learns_what_can_be_seen(trained_engines):
    figures, naive = trained_engines.evaluation.metrics(), trained_engines.evaluation.baselines()

    assert figures["remaining_life.new_assets.rmse"] < 0.5 * naive["remaining_life.new_assets.rmse_age_only"]
    assert figures["wear_within_20.new_assets.brier"] < 0.5 * naive["wear_within_20.new_assets.brier_constant"]
    assert figures["wear_within_20.new_assets.ece"] < 0.05
    assert 0.85 <= figures["remaining_life.new_assets.coverage90"] <= 0.95


def test_both_questions_are_asked_on_the_calendar_and_one_on_a_counter(trained_pumps, trained_engines):
    def asked(trained):
        return {view.question for view in trained.evaluation.views}

    assert asked(trained_pumps) == {"new_assets", "later"}
    assert asked(trained_engines) == {"new_assets"}


def test_a_point_booster_exists_only_where_no_life_was_censored(trained_pumps, trained_engines):
    def roles(trained):
        return set(trained.model.targets[1].boosters)

    assert "point" in roles(trained_engines)
    assert "point" not in roles(trained_pumps)
    assert {"h10.0", "h58.0"} <= roles(trained_pumps)


def test_the_same_data_give_the_same_boosters(engines, trained_engines):
    again = train_on(engines)

    assert again.model == trained_engines.model


def test_assets_kept_for_a_test_are_never_learnt_from(engines, trained_engines):
    held = ["E-00", "E-01"]
    rest = engines.with_(features=engines.features[~engines.features["asset"].isin(held)])

    trained = train_on(engines, held_out=held)

    assert trained.model.facts["assets"] == 38
    assert trained.model == train_on(rest).model != trained_engines.model


def test_intervals_marked_as_not_to_be_learnt_are_left_out(pumps):
    start = pumps.features["time"].min()
    marks = pd.DataFrame(
        {
            "asset": ["P-00"],
            "start": [start],
            "end": [start + pd.Timedelta(hours=99)],
            "start_usage": [np.nan],
            "end_usage": [np.nan],
            "learn": [False],
            "alert": [True],
        }
    )

    trained = train_on(pumps, exclusions=marks)

    assert trained.model.facts["rows_excluded"] == 100


def test_a_target_with_too_few_failures_is_left_out_in_a_plain_sentence(engines):
    rare = Target("rare_within_20", "failure_within", ("rare",), horizon=20.0)
    modes = (*engines.definition.failure_modes, replace(engines.definition.failure_modes[0], name="rare"))
    definition = replace(engines.definition, failure_modes=modes, targets=(engines.definition.targets[0], rare))

    trained = train_on(engines.with_(definition=definition))

    assert [target.target.name for target in trained.model.targets] == ["wear_within_20"]
    assert "0 lives on 0 assets ended in this failure" in trained.model.facts["abstained"]["rare_within_20"]


def test_nothing_is_learnt_from_two_failures(engines):
    with pytest.raises(TooLittleData, match="2 lives on 2 assets"):
        train_on(without_failures(engines, 2))


def test_nothing_is_learnt_when_every_life_was_censored(engines):
    with pytest.raises(TooLittleData, match="0 lives"):
        train_on(without_failures(engines, 0))


def test_nothing_is_learnt_from_features_that_stand_still(engines):
    still = engines.features.assign(wear__mean=np.float32(1), noise__mean=np.float32(2), load__mean=np.float32(np.nan))

    with pytest.raises(TooLittleData, match="every answer is the same"):
        train_on(engines.with_(features=still))


def test_nothing_is_learnt_from_no_rows(engines):
    with pytest.raises(TooLittleData, match="no feature rows"):
        train_on(engines.with_(features=engines.features.head(0)))


def test_a_feature_computed_from_the_end_of_the_life_stops_training(engines):
    longest = engines.features.groupby("asset")["time"].transform("max")
    peeking = engines.features.assign(countdown=(longest - engines.features["time"]).astype(np.float32))

    with pytest.raises(LeakFound, match="countdown"):
        train_on(engines.with_(features=peeking))


def test_a_feature_that_is_almost_the_answer_is_named(engines):
    random = np.random.default_rng(1)
    longest = engines.features.groupby("asset")["time"].transform("max")
    hint = (longest - engines.features["time"]) + random.normal(0, 2.0, len(engines.features))

    trained = train_on(engines.with_(features=engines.features.assign(hint=hint.astype(np.float32))))

    assert any("hint alone" in sentence for sentence in trained.evaluation.warnings)


def test_shuffled_labels_teach_nothing(trained_engines):
    lines = {line["name"]: line for line in trained_engines.model.facts["leaks"]["lines"]}

    assert lines["shuffled_labels"]["passed"] is True
    assert 0.4 < lines["shuffled_labels"]["figures"]["auc"] < 0.6


def test_facts_and_report_go_through_json(trained_pumps):
    facts = json.loads(json.dumps(dict(trained_pumps.model.facts), allow_nan=False))

    assert facts["failures"]["wear_within_20"] > 10
    assert facts["split"]["cut"]["test_from"] > facts["split"]["cut"]["train_until"]


def test_a_model_remembers_what_is_typical_of_every_feature_that_never_had_a_gap(engines):
    gaps = engines.features.copy()
    gaps.loc[::7, "noise__mean"] = np.float32(np.nan)
    one = replace(engines.definition, targets=engines.definition.targets[:1])

    facts = train_on(engines.with_(features=gaps, definition=one)).model.facts

    wear, noise, load = facts["typical"]
    assert noise is None
    assert wear == pytest.approx(float(gaps["wear__mean"].median()), abs=0.1)
    assert load == pytest.approx(float(gaps["load__mean"].median()), abs=0.1)


def test_the_report_is_one_page_that_needs_nothing_else(trained_pumps, tmp_path):
    page, data = write_report(tmp_path, trained_pumps.evaluation, trained_pumps.report, title="Pumps <1>")
    text = page.read_text()

    assert text.count("<section") == len(trained_pumps.evaluation.views)
    assert "Pumps &lt;1&gt;" in text
    assert "http" not in text
    assert "had seen no row of the same asset" in text
    assert json.loads(data.read_text())["importance"]["remaining_life"]["wear"] > 0.5


def test_the_model_in_use_has_learnt_from_all_rows(engines, trained_engines):
    none = np.zeros(len(engines.features), dtype=bool)
    course = Course(engines.features, engines.lives, engines.definition, engines.asset_class, 1, none)
    answers = Predictor(trained_engines.model, 1).predict(course.bench.matrix)

    truth = course.truth(engines.definition.targets[1], "all")
    life = answers.remaining["remaining_life"]
    assert (
        np.sqrt(np.mean((life.mean - truth) ** 2))
        < trained_engines.evaluation.metrics()["remaining_life.new_assets.rmse"]
    )


def test_the_held_out_answers_give_the_figures_of_the_report_again(trained_pumps, pumps):
    told = trained_pumps.evaluation.metrics()
    for target in pumps.definition.targets:
        rows = trained_pumps.answers[
            (trained_pumps.answers["target"] == target.name) & (trained_pumps.answers["question"] == "later")
        ]
        again = figures(rows, target, pumps.definition, pumps.asset_class.axis)
        once = {name: float(ratio.values(np.ones((1, len(ratio.above))))[0]) for name, ratio in again.items()}
        shared = {"brier", "recall", "rmse", "winkler90", "coverage90", "nasa_mean", "cost_per_year"} & once.keys()
        assert len(shared) >= 3
        assert once["recall" if "recall" in once else "rmse"] > 0
        for name in shared:
            assert once[name] == pytest.approx(told[f"{target.name}.later.{name}"], rel=1e-6), name
