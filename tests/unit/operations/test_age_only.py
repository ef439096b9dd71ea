"""A class of which only dates are known is trained, promoted and scored: by age alone, with its rung and the reason on every score."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from pdm.catalogue import Catalogue, Policy
from pdm.errors import TooLittleData
from pdm.operations.ingest_events import ingest_events
from pdm.operations.promote_model import promote_model
from pdm.operations.reproduce_run import reproduce_run
from pdm.operations.retrain import retrain
from pdm.operations.score_fleet import assess_class, champion, score_fleet
from pdm.operations.train_model import train_model
from pdm.readings.registry import Asset, register
from pdm.registry.card import model_card
from pdm.testing.machines import A_FAN, A_FAN_MODEL
from pdm.testing.plants import a_plant
from pdm.views.asset import asset_page
from pdm.views.why import why_no_alert

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
BEGIN = datetime(2024, 9, 1, tzinfo=UTC)
WORN_AFTER = (400, 430, 380, 445, 410, 395, 420, 405)
"""Days that bearings lasted: nearly all the same, so that age tells."""
WEAR, SLIP = A_FAN_MODEL.failure_modes
BLIND = replace(SLIP, not_predictable="nothing measures the belt", would_help="A tension check every month")
SHY = replace(A_FAN_MODEL, failure_modes=(WEAR, BLIND), policy=Policy(raise_at=0.3, clear_at=0.1, persistence=(1, 1)))


def a_dated_plant(folder, *, days=WORN_AFTER, extra=()):
    """Fans of which nobody reads a sensor: each bearing failed once, was replaced on the next day, and has run ever since."""
    plant = replace(a_plant(folder, now=NOW), catalogue=Catalogue({"test_fan": A_FAN}, {"test_fan": SHY}))
    tags = [f"F-{n}" for n in range(len(days))]
    register(plant.history, [Asset(tag, "test_fan", commissioned=BEGIN) for tag in tags], now=BEGIN)
    rows = [
        {"asset": tag, "time": BEGIN + timedelta(days=lasted), "kind": "failure", "failure_mode": "bearing_wear"}
        for tag, lasted in zip(tags, days, strict=True)
    ]
    rows += [
        {
            "asset": tag,
            "time": BEGIN + timedelta(days=lasted + 1),
            "kind": "installation",
            "maintainable_item": "bearing",
        }
        for tag, lasted in zip(tags, days, strict=True)
    ]
    # F-0 got another one a hundred days ago; that of F-9 is older than any that has failed.
    renewed = {
        "asset": "F-0",
        "time": NOW - timedelta(days=100),
        "kind": "installation",
        "maintainable_item": "bearing",
    }
    register(plant.history, [Asset("F-9", "test_fan", commissioned=NOW - timedelta(days=450))], now=BEGIN)
    extra = (renewed, *extra)
    ingest_events(plant, pd.DataFrame([*rows, *extra]), source="cmms", time_zone="UTC", backfill=True)
    return plant


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    plant = a_dated_plant(tmp_path_factory.mktemp("plant"))
    found = train_model(plant, "test_fan", author="Ada")
    promote_model(plant, "test_fan", found.version, approved_by="Grace")
    return plant


def test_dates_alone_give_a_signed_bundle_on_the_lowest_rung(plant):
    bundle = champion(plant, "test_fan")

    assert bundle.ladder.rung == "age only"
    assert "has no readings yet" in bundle.ladder.why
    assert "Bearing wear: it comes with age (7 failures in " in bundle.ladder.why
    assert "Belt slip: no failure of it is on record" in bundle.ladder.why
    assert not bundle.manifest.targets
    assert bundle.age.mode("bearing_wear").says == "wears out"


def test_a_run_by_age_alone_comes_out_the_same_although_more_failed_since_and_is_trained_anew_with_them(tmp_path):
    plant = a_dated_plant(tmp_path)
    found = train_model(plant, "test_fan", author="Ada")
    later = {"asset": "F-3", "time": NOW - timedelta(days=3), "kind": "failure", "failure_mode": "bearing_wear"}
    ingest_events(plant, pd.DataFrame([later]), source="cmms", time_zone="UTC", backfill=True)

    again = reproduce_run(plant, found.version)
    newer = retrain(plant, "test_fan", author="Ada")

    assert newer.result.ladder.rung == "age only"
    assert newer.result.version != found.version
    assert again.different == ()
    assert {"rung", "age.digest", "age.bearing_wear.shape"} <= {figure.name for figure in again.figures}


def test_every_asset_has_risk_remaining_life_and_curve_although_nobody_reads_it(plant):
    found = {one.asset: one for one in assess_class(plant, "test_fan")}

    assert len(found) == len(WORN_AFTER) + 1
    for one in found.values():
        assert (one.rung, one.model, one.condition, one.data) == ("age only", "ok", "unknown", "no data")
        assert one.remaining_life.low < one.remaining_life.median < one.remaining_life.high
        assert len(one.curve) > 10
        assert any("by age alone" in flag for flag in one.quality_flags)


def test_the_age_is_that_of_the_part_and_not_of_the_machine(plant):
    found = {one.asset: one for one in assess_class(plant, "test_fan")}

    renewed, old = found["F-0"].contributions[0], found["F-5"].contributions[0]
    assert renewed.value == pytest.approx(100 * 24)
    assert old.value == pytest.approx((NOW - BEGIN).total_seconds() / 3600 - 396 * 24)
    assert "bearing is 100 days old" in renewed.sentence
    assert found["F-0"].worst.probability < found["F-5"].worst.probability


def test_age_raises_no_alert_however_old_a_part_is(plant):
    report = score_fleet(plant)

    assert max(one.worst.probability for one in report.assessments) > SHY.policy.raise_at
    with plant.unit_of_work() as work:
        assert work.alerts.list() == []


def test_the_page_and_the_question_why_name_the_rung_and_its_reason(plant):
    score_fleet(plant)

    page, why = asset_page(plant, "F-5"), why_no_alert(plant, "F-5")

    assert page.rung == "age only"
    assert "it comes with age" in page.rung_why
    assert page.life is not None
    assert any("bearing is" in reason.sentence for reason in page.reasons)
    assert "no alert rests on age" in " ".join(answer.sentence for answer in why.answers)


def test_the_card_the_page_and_the_question_why_name_what_nobody_sees_coming(plant):
    score_fleet(plant)
    sentence = "Belt slip is not predictable with these sensors: nothing measures the belt. A tension check every month would help."

    card = model_card(champion(plant, "test_fan").manifest)

    assert card.blind == {"belt_slip": sentence}
    assert f"not predictable: {sentence}" in card.words
    assert asset_page(plant, "F-5").blind == (sentence,)
    assert sentence in [answer.sentence for answer in why_no_alert(plant, "F-5").answers]


def test_a_part_that_is_down_has_no_age(tmp_path):
    down = {"asset": "F-3", "time": NOW - timedelta(days=3), "kind": "failure", "failure_mode": "bearing_wear"}
    sent_away = {"asset": "F-3", "time": NOW - timedelta(days=2), "kind": "removal", "maintainable_item": "bearing"}
    plant = a_dated_plant(tmp_path, extra=(down, sent_away))
    found = train_model(plant, "test_fan", author="Ada")
    promote_model(plant, "test_fan", found.version, approved_by="Grace")

    one = {one.asset: one for one in assess_class(plant, "test_fan")}["F-3"]

    assert one.risks == ()
    assert any("its age is not known" in flag for flag in one.quality_flags)


def test_one_failure_on_record_is_too_few_even_for_ages(tmp_path):
    plant = a_dated_plant(tmp_path, days=(400,))

    with pytest.raises(TooLittleData, match="has no readings yet"):
        train_model(plant, "test_fan", author="Ada")


def test_what_was_scored_is_what_is_stored(plant):
    before = {one.asset: one for one in score_fleet(plant).assessments}["F-5"]

    with plant.unit_of_work() as work:
        (stored,) = work.assessments.latest("F-5")

    assert (stored.risks, stored.curve, stored.remaining_life) == (before.risks, before.curve, before.remaining_life)
