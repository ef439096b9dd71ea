"""Recorded failures of several plants say what evidence is worth, and levels are weighed by it only where that helps."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pdm.errors import BundleError, ColumnsError, InputError, TooLittleData
from pdm.learning.watch import learn_watch, learnt_from, standings, watch_rows
from pdm.learning.watch.gather import COLUMNS, evidence_at, labelled, read_evidence, write_evidence
from pdm.learning.watch.pieces import FLOOR, NAMES
from pdm.learning.watch.weigh import label_days, weigh
from pdm.learning.watch.weighing import Weighing, scores_of, weighed, weighing_from
from pdm.registry.booster_text import check_booster_text
from pdm.testing.damage import DAMAGES
from pdm.testing.evidence import evidence_of_a_plant
from pdm.testing.machines import A_FAN, A_FAN_MODEL, START, fan_readings

LEARNT_UNTIL, NOW = START + pd.Timedelta(days=100), START + pd.Timedelta(days=140)


@pytest.fixture(scope="module")
def taught():
    return weigh([evidence_of_a_plant(seed, telling=True) for seed in range(6)])


def test_what_tells_real_from_unfounded_is_learnt_and_used(taught):
    fresh = evidence_of_a_plant(99, telling=True).days
    table = fresh[list(NAMES)].to_numpy(dtype=np.float64)

    level = weighed(taught.weighing, table, np.ones(len(table), bool), fresh["level"].to_numpy(float))

    real = fresh["failed_in"].notna().to_numpy()
    assert taught.facts["better"] >= 0.9
    assert taught.facts["failures"] == 90
    assert np.median(level[real]) > 1 > np.quantile(level[~real], 0.9)
    assert taught.weighing.words == "watch list, weighed by 90 recorded failures of 6 plants"


def test_evidence_that_tells_nothing_leaves_the_level_plain():
    found = weigh([evidence_of_a_plant(seed, telling=False) for seed in range(6)])

    assert found.weighing is None
    assert found.why.startswith("the plain level stays")


def test_records_without_any_meaning_leave_the_level_plain():
    rng = np.random.default_rng(8)
    plants = []
    for seed in range(6):
        one = evidence_of_a_plant(seed, telling=True)
        ends = one.days.groupby("machine")["failed_in"].first()
        drawn = pd.Series(rng.permutation(ends.to_numpy()), ends.index)
        age = one.days["day"] - one.days.groupby("machine")["day"].transform("first")
        plants.append(replace(one, days=one.days.assign(failed_in=one.days["machine"].map(drawn) - age)))

    assert weigh(plants).weighing is None


def test_the_same_plant_given_twice_counts_once():
    one = evidence_of_a_plant(1, telling=True)

    with pytest.raises(TooLittleData, match="15 recorded failures of 1 plants"):
        weigh([one, one, one, one])


def test_days_before_a_far_record_and_before_the_end_of_records_are_unknown_not_sound():
    days = pd.DataFrame({"failed_in": [29.0, 31.0, 89.0, 91.0, np.nan, np.nan], "known_for": [200.0] * 5 + [44.0]})

    assert np.array_equal(label_days(days), [1, np.nan, np.nan, 0, 0, np.nan], equal_nan=True)


def test_a_level_is_never_raised_without_evidence(taught):
    plain = np.array([0.2, 3.0, np.nan])

    level = weighed(taught.weighing, np.full((3, len(NAMES)), np.nan), np.zeros(3, bool), plain)

    assert np.array_equal(level, [0.2, FLOOR, np.nan], equal_nan=True)


def test_a_weighing_survives_its_document_and_its_text_is_one_that_bundles_accept(taught):
    again = weighing_from(json.loads(json.dumps(taught.weighing.document())))
    rows = np.random.default_rng(1).normal(1, 1, (50, len(NAMES)))

    assert again == taught.weighing
    assert np.array_equal(scores_of(again.booster, rows), scores_of(taught.weighing.booster, rows))
    check_booster_text("weighing", again.booster, len(NAMES))


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"evidence": [*NAMES[1:], NAMES[0]]},
        {"scores": [0.0]},
        {"levels": [1.0, 0.5]},
        {"scores": [0.0, float("nan")]},
        {"booster": None},
        {"facts": 3},
    ],
)
def test_a_foreign_or_damaged_weighing_is_refused(change):
    whole = Weighing("tree", (0.0, 1.0), (0.0, 1.0)).document()

    with pytest.raises(BundleError):
        weighing_from(whole | change)


def test_evidence_survives_its_file_and_is_known_by_its_content(tmp_path):
    one = evidence_of_a_plant(3, telling=True)

    write_evidence(one, tmp_path / "a.parquet")
    again = read_evidence(tmp_path / "a.parquet")

    assert (again.plant, again.machine_days, again.failures) == (one.plant, one.machine_days, one.failures)
    assert again.plant != evidence_of_a_plant(4, telling=True).plant


def _written(path, days, **facts):
    import pyarrow as pa
    import pyarrow.parquet as pq

    told = {"version": 1, "pieces": list(NAMES), "machine_days": 10**6, "failures": 3} | facts
    table = pa.Table.from_pandas(days, preserve_index=False)
    pq.write_table(table.replace_schema_metadata({b"plantpdm.evidence": json.dumps(told).encode()}), path)
    return path


def test_files_that_are_no_evidence_are_refused_with_a_sentence(tmp_path):
    days = evidence_of_a_plant(3, telling=True).days
    (tmp_path / "x").write_text("asset,time")

    with pytest.raises(InputError, match="is no file of evidence"):
        read_evidence(tmp_path / "x")
    with pytest.raises(InputError, match="version 9"):
        read_evidence(_written(tmp_path / "a", days, version=9))
    with pytest.raises(ColumnsError, match="lacks level"):
        read_evidence(_written(tmp_path / "b", days.drop(columns="level")))
    with pytest.raises(ColumnsError, match="no plant can have written"):
        read_evidence(_written(tmp_path / "c", days.assign(failed_in=-1.0)))
    with pytest.raises(ColumnsError, match="no plant can have written"):
        read_evidence(_written(tmp_path / "d", days, machine_days=3))
    with pytest.raises(ColumnsError, match="no number"):
        read_evidence(_written(tmp_path / "e", days.assign(level="much")))


@pytest.fixture(scope="module")
def worn():
    readings = fan_readings(4, 160)
    mine = (readings["asset"] == "F-2") & (readings["time"] >= START + pd.Timedelta(days=125))
    grown = np.linspace(0, 1, int(mine.sum()))
    readings.loc[mine, "vibration"] += 3 * grown
    readings.loc[mine, "temperature"] += 15 * grown
    return readings


@pytest.fixture(scope="module")
def learnt(worn):
    return learn_watch(worn[worn["time"] <= LEARNT_UNTIL].reset_index(drop=True), A_FAN, A_FAN_MODEL, learner="ridge")


def test_the_evidence_of_a_day_rests_on_nothing_later(worn, learnt):
    end = NOW.timestamp() / 3600
    known = worn[worn["time"] <= NOW].reset_index(drop=True)

    later, then = (
        evidence_at(watch_rows(learnt.expected, rows, A_FAN), learnt.watch, end=end, restored={})
        for rows in (worn, known)
    )

    assert then["asset"].tolist() == ["F-2"]
    pd.testing.assert_frame_equal(later, then, check_exact=True)


def test_evidence_of_a_machine_is_the_same_whoever_stands_beside_it(worn, learnt):
    alone = replace(learnt.watch, sisters=99)
    rows = watch_rows(learnt.expected, worn, A_FAN)
    own = watch_rows(learnt.expected, worn[worn["asset"] == "F-2"].reset_index(drop=True), A_FAN)

    one, all_of_them = (evidence_at(some, alone, end=NOW.timestamp() / 3600, restored={}) for some in (own, rows))

    pd.testing.assert_frame_equal(
        one, all_of_them[all_of_them["asset"] == "F-2"].reset_index(drop=True), check_exact=True
    )


def test_evidence_says_how_long_afterwards_a_failure_was_recorded_and_names_nobody(worn, learnt):
    evidence = evidence_at(
        watch_rows(learnt.expected, worn, A_FAN), learnt.watch, end=NOW.timestamp() / 3600, restored={}
    ).assign(now=NOW)
    moments = [NOW + pd.Timedelta(days=12), NOW - pd.Timedelta(days=3), NOW + pd.Timedelta(days=400)]
    records = pd.DataFrame({"asset": "F-2", "time": moments})

    found = labelled(evidence, records, machine_days=400, first=LEARNT_UNTIL, last=NOW + pd.Timedelta(days=20))

    assert found.days[["machine", "day", "failed_in", "known_for"]].iloc[0].tolist() == [0, 40, 12, 20]
    assert found.failures == 2
    assert set(found.days) == {*COLUMNS, *NAMES}


def test_a_watch_list_with_a_weighing_answers_by_it_and_keeps_it_in_its_document(worn, learnt, taught):
    rows, end = watch_rows(learnt.expected, worn, A_FAN), NOW.timestamp() / 3600
    judged = replace(learnt, watch=replace(learnt.watch, weighing=taught.weighing))
    again = learnt_from(json.loads(json.dumps(judged.document())))

    plain, told = (standings(rows, one.watch, end=end) for one in (learnt, again))

    (mode, level), (same, other) = (next(iter(found["F-2"].levels.items())) for found in (plain, told))
    assert mode == same
    assert level != other
    evidence = evidence_at(rows, learnt.watch, end=end, restored={})[list(NAMES)].to_numpy()
    assert other == np.interp(
        scores_of(taught.weighing.booster, evidence), taught.weighing.scores, taught.weighing.levels
    )
    assert max(told["F-1"].levels.values()) <= FLOOR
    assert "weighing" not in learnt.watch.document()


def test_a_weighing_damaged_anywhere_is_refused_or_still_gives_finite_levels(taught):
    whole = taught.weighing.document()
    rng = np.random.default_rng(11)
    table = rng.normal(1, 1, (5, len(NAMES)))
    values = [None, -1, 1e308, float("nan"), "", "x" * 99, [], {}, True, [[[]]], -0.5]
    refused = 0
    for _ in range(120):
        changed = json.loads(json.dumps(whole))
        name = list(changed)[int(rng.integers(len(changed)))]
        if name == "booster":
            damage = DAMAGES[int(rng.integers(len(DAMAGES)))]
            changed[name] = damage(changed[name].encode(), rng).decode("utf-8", "replace")
        elif isinstance(changed[name], list) and rng.random() < 0.7:
            changed[name][int(rng.integers(len(changed[name])))] = values[int(rng.integers(len(values)))]
        else:
            changed[name] = values[int(rng.integers(len(values)))]

        try:
            check_booster_text("weighing", changed["booster"], len(changed["evidence"]))
            found = weighing_from(changed)
        except (BundleError, KeyError, TypeError, ValueError, AttributeError):
            refused += 1
            continue
        assert np.isfinite(weighed(found, table, np.ones(5, bool), np.ones(5))).all()

    assert refused > 60
