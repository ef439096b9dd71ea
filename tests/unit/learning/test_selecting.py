"""Features are chosen inside the training folds, on one row of each life, and the choice travels with the model."""

from dataclasses import replace

import numpy as np
import pytest

from pdm.catalogue import Selection
from pdm.errors import TooLittleData
from pdm.learning.apply import Predictor
from pdm.learning.course import Course
from pdm.learning.selecting import Asked, choose, one_row_per_life
from pdm.learning.train import train

NOISE = 40


@pytest.fixture(scope="module")
def noisy(engines):
    """The engines with forty more columns that wander on their own: overlapping windows of nothing."""
    random = np.random.default_rng(12)
    steps = random.normal(size=(len(engines.features), NOISE)).astype(np.float32)
    walks = engines.features.assign(**{f"walk{n:02d}__mean": steps[:, n] for n in range(NOISE)})
    columns = [f"walk{n:02d}__mean" for n in range(NOISE)]
    walks[columns] = walks.groupby("asset")[columns].cumsum()
    walks.loc[::7, "walk00__mean"] = np.nan
    return engines.with_(features=walks, definition=replace(engines.definition, selection=Selection()))


def course_of(fleet, lives=None, **changes):
    definition = replace(fleet.definition, **changes)
    rows = len(fleet.features)
    return Course(
        fleet.features, fleet.lives if lives is None else lives, definition, fleet.asset_class, 1, np.zeros(rows, bool)
    )


def kept_names(course, period, without):
    return [course.candidates[column] for column in course.bench.kept(period, without).columns]


@pytest.fixture(scope="module")
def prepared(noisy):
    course = course_of(noisy)
    course.prepare()
    return course


def test_one_row_of_each_life_is_judged_and_both_answers_occur(prepared, noisy):
    target = noisy.definition.targets[0]
    labels = prepared.labels(target, "all")
    asked = Asked(labels.within(target.horizon), labels.life)

    chosen = one_row_per_life(asked, np.arange(len(noisy.features)), seed=1)

    assert len(np.unique(labels.life[chosen])) == len(chosen) == 40
    assert asked.truth[chosen].sum() == 20
    assert not np.isnan(asked.truth[chosen]).any()


def test_each_fold_chooses_from_the_others_and_keeps_what_wears(prepared, noisy):
    assets = noisy.features["asset"].to_numpy()

    for number in range(4):
        kept = prepared.bench.kept("all", number)
        held = set(assets[prepared.bench.fold == number])
        assert not held & set(assets[kept.rows])
        assert len(set(assets[kept.rows])) == 30
        assert "wear__mean" in kept_names(prepared, "all", number)
        assert len(kept.columns) <= 3


def test_labels_of_items_that_are_held_out_cannot_change_what_a_fold_keeps(prepared, noisy):
    first = noisy.features["asset"].eq("E-00").to_numpy()
    own = int(prepared.bench.fold[first][0])
    held = set(noisy.features["asset"][prepared.bench.fold == own])
    spoilt = course_of(noisy)
    for asked in spoilt.bench.selector.asked.values():
        for target in asked:
            rows = spoilt.bench.fold == own
            target.truth[rows] = np.random.default_rng(0).permutation(target.truth[rows])
            target.truth[rows & noisy.features["asset"].isin(list(held)[:3]).to_numpy()] = 1.0

    before, after = prepared.bench.kept("all", own), spoilt.bench.kept("all", own)

    assert np.array_equal(before.rows, after.rows)
    np.testing.assert_array_equal(before.p_values, after.p_values)
    others = [number for number in range(4) if number != own]
    assert any(
        not np.array_equal(
            prepared.bench.kept("all", number).p_values, spoilt.bench.kept("all", number).p_values, equal_nan=True
        )
        for number in others
    )


@pytest.mark.parametrize("number", [0, 1])
def test_a_fold_with_shuffled_labels_keeps_hardly_anything(prepared, noisy, number):
    rows = np.flatnonzero(prepared.bench.training_rows("all", 0))
    target, random = noisy.definition.targets[number], np.random.default_rng(4)
    asked, found = Asked(prepared.truth(target, "all"), prepared.labels(target, "all").life), []
    for seed in range(25):
        chosen = one_row_per_life(asked, rows, seed)
        shuffled = Asked(np.full(len(asked.truth), np.nan), asked.life)
        shuffled.truth[chosen] = random.permutation(asked.truth[chosen])
        found.append(len(choose(prepared.bench.matrix.__getitem__, rows, [shuffled], Selection(), seed).columns))

    assert np.mean(np.array(found) > 0) <= 0.12
    assert sum(found) <= 5


@pytest.fixture(scope="module")
def trained(noisy):
    return train(noisy.features, noisy.lives, noisy.definition, noisy.asset_class, threads=2)


def test_a_model_with_a_choice_of_features_answers_from_what_it_kept_and_says_so(trained, noisy):
    told = trained.model.facts["selection"]
    assert "wear__mean" in trained.model.feature_names
    assert told["kept"] == len(trained.model.feature_names) <= 4
    assert told["candidates"] == NOISE + 3
    assert told["lives"] == 40
    assert told["kept_in_every_fold"] >= 1
    assert next(iter(told["surest"])) == "wear__mean"
    assert told["words"].startswith(f"{told['kept']} of 43 features have to do with what is predicted (FRESH, 5% wrong")
    assert list(trained.golden.columns) == list(trained.model.feature_names)
    matrix = noisy.features[list(trained.model.feature_names)].to_numpy(dtype=np.float32)
    Predictor(trained.model, 1).predict(matrix[:5])
    figures, naive = trained.evaluation.metrics(), trained.evaluation.baselines()
    assert figures["remaining_life.new_assets.rmse"] < 0.5 * naive["remaining_life.new_assets.rmse_age_only"]
    lines = {line["name"]: line for line in trained.model.facts["leaks"]["lines"]}
    assert lines["folds"]["passed"] is True
    assert "a choice of features of its own" in lines["folds"]["sentence"]


def test_the_choice_does_not_depend_on_the_number_of_threads(trained, noisy):
    again = train(noisy.features, noisy.lives, noisy.definition, noisy.asset_class, threads=1)

    assert again.model == trained.model


def test_where_nothing_has_to_do_with_the_target_nothing_is_learnt(noisy):
    blind = noisy.features.drop(columns=["wear__mean", "noise__mean", "load__mean"])
    random = np.random.default_rng(1)
    blind.iloc[:, 2:] = random.normal(size=(len(blind), NOISE)).astype(np.float32)

    with pytest.raises(TooLittleData, match="none of 40 features has to do with what is predicted"):
        train(blind, noisy.lives, noisy.definition, noisy.asset_class, threads=1)


def test_a_fold_that_keeps_nothing_answers_the_base_rate(prepared):
    class Nothing:
        def of(self, *_):
            return replace(prepared.bench.kept("all", 0), columns=np.empty(0, dtype=np.int64))

    bench = replace(prepared.bench, selector=Nothing())

    inputs = bench.inputs("all", 0, np.arange(9))

    assert inputs.shape == (9, 1)
    assert not inputs.any()


def test_a_choice_made_once_on_everything_is_caught(prepared):
    from pdm.learning.selecting import choices_line

    assets = prepared.features["asset"].to_numpy(dtype=np.str_)
    everything = prepared.bench.kept("all", None)
    leaky = replace(prepared.bench.selector, kept={("all", fold): everything for fold in range(4)})

    honest = choices_line(prepared.bench.selector, "all", assets, prepared.bench.fold)
    caught = choices_line(leaky, "all", assets, prepared.bench.fold)

    assert honest.passed is True
    assert caught.passed is False
    assert "items on which it is judged" in caught.sentence


def test_the_past_chooses_for_itself_and_the_later_view_is_judged_with_what_it_kept(pumps):
    fleet = pumps.with_(definition=replace(pumps.definition, selection=Selection()))
    trained = train(fleet.features, fleet.lives, fleet.definition, fleet.asset_class, threads=2)
    course = course_of(fleet)
    course.prepare()

    past, everything = course.bench.kept("past", None), course.bench.kept("all", None)

    assert trained.model.feature_names == course.names == ("wear__mean",)
    assert {view.question for view in trained.evaluation.views} == {"new_assets", "later"}
    assert (course.positions[past.rows] <= course.cut.train_until).all()
    assert (course.positions[everything.rows] > course.cut.train_until).any()
