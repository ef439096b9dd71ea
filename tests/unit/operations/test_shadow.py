"""The challenger answers beside the champion: kept, compared, and heard by nobody."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pdm.errors import TooLittleData
from pdm.operations.compare_shadow import compare_shadow
from pdm.operations.score_fleet import score_fleet
from pdm.operations.score_shadow import TABLE
from pdm.registry.card import REVIEW_AFTER
from pdm.registry.shelf import BundleShelf
from pdm.views.track_record import track_record_sentences

HOUR = timedelta(hours=1)


@pytest.fixture
def two(watched, put_in_charge):
    """A champion and a challenger of the pumps."""
    shelf = BundleShelf(watched.workspace.bundles)
    first, second = put_in_charge(1), put_in_charge(2)
    shelf.set_alias("pump", "champion", first)
    shelf.set_alias("pump", "challenger", second)
    return first, second


def test_the_challenger_answers_at_the_same_moment_and_disturbs_nobody(watched, two):
    report = score_fleet(watched)

    rows = watched.history.dataset(TABLE).to_table().to_pandas()
    assert report.shadows == rows["asset"].nunique() > 0
    assert set(rows["bundle"]) == {two[1]}
    assert set(rows["as_of"]) == {watched.clock.now()}
    with watched.unit_of_work() as work:
        assert two[1] not in {one.bundle for one in work.assessments.latest()}
        assert two[1] not in {
            one.bundle for one in work.assessments.history("P-1", watched.clock.now(), watched.clock.now())
        }


def test_both_are_compared_at_the_moments_at_which_both_answered(watched, two):
    score_fleet(watched)
    watched.clock.advance(HOUR)
    score_fleet(watched)
    score_fleet(watched)

    report = compare_shadow(watched, "pump")

    assert (report.champion, report.challenger) == two
    assert report.moments == 2 * len(report.lines)
    assert report.agree == 1.0
    assert (report.only_champion, report.only_challenger) == (0, 0)
    assert all(line.champion == line.challenger for line in report.lines)


def test_the_challenger_is_really_asked_and_what_it_cries_raises_nothing(watched, put_in_charge, crying_booster):
    first, second = put_in_charge(1), put_in_charge(2, crying_booster)
    shelf = BundleShelf(watched.workspace.bundles)
    shelf.set_alias("pump", "champion", first)
    shelf.set_alias("pump", "challenger", second)

    score_fleet(watched)
    report = compare_shadow(watched, "pump")

    assert all(line.challenger > line.champion for line in report.lines)
    assert report.only_challenger > 0
    limit = watched.catalogue.model("pump").policy.raise_at
    with watched.unit_of_work() as work:
        said = {
            one.asset: max((risk.probability for risk in one.risks), default=0.0) for one in work.assessments.latest()
        }
        raised = {alert.asset for alert in work.alerts.list()}
    assert raised <= {asset for asset, chance in said.items() if chance >= limit}
    assert raised < {line.asset for line in report.lines if line.challenger_above}


def test_a_challenger_that_cannot_be_trusted_is_a_sentence_and_scoring_goes_on(watched, two):
    (BundleShelf(watched.workspace.bundles).path("pump", two[1]) / "manifest.sig").write_bytes(bytes(64))

    report = score_fleet(watched)

    assert report.assessed == 7
    assert report.shadows == 0
    assert report.problems == ()
    assert any("challenger could not be asked" in note for note in report.notes)


@pytest.mark.usefixtures("two")
def test_nothing_is_asked_where_the_plant_does_not_want_it(watched):
    quiet = replace(watched, settings=watched.settings.model_copy(update={"score_challenger": False}))

    assert score_fleet(quiet).shadows == 0
    with pytest.raises(TooLittleData, match="has not answered anything yet"):
        compare_shadow(quiet, "pump")


def test_every_asset_says_when_the_review_of_its_model_is_overdue(watched, put_in_charge):
    put_in_charge()
    watched.clock.advance(datetime.now(UTC) - watched.clock.now() + REVIEW_AFTER + HOUR)

    scored = [one for one in score_fleet(watched).assessments if one.bundle]

    assert scored
    assert all(any("review was due on" in flag for flag in one.quality_flags) for one in scored)


def test_the_track_record_on_an_alerts_page_says_that_the_review_is_overdue(watched, put_in_charge):
    put_in_charge()

    before = track_record_sentences(watched, "pump", "bearing_wear")
    watched.clock.advance(datetime.now(UTC) - watched.clock.now() + REVIEW_AFTER + HOUR)
    after = track_record_sentences(watched, "pump", "bearing_wear")

    assert after[: len(before)] == before
    assert "review was due on" in after[-1]
    assert "owner: ada" in after[-1]
