"""The card of a model says whose it is, until when, what it cannot answer and why it is in charge: on its page and wherever it speaks."""

from datetime import timedelta

import pytest

from pdm.errors import NotFound
from pdm.testing.models import a_model_on_the_shelf
from pdm.views.alert import alert_page
from pdm.views.asset import asset_page
from pdm.views.health import health
from pdm.views.model import model_page, report_file


@pytest.fixture
def modelled(seed, own_plant):
    """A plant whose pump model is two hundred days old, with a challenger of yesterday."""
    old = a_model_on_the_shelf(own_plant, at=seed.NOW - timedelta(days=200))
    failures = {"bearing_wear_within_14d": 4}
    new = a_model_on_the_shelf(
        own_plant, at=seed.NOW - timedelta(days=1), owner="Eve", alias="challenger", failures=failures
    )
    return own_plant, old, new


def test_the_page_shows_owner_review_limits_and_leaks_in_words(modelled):
    plant, old, new = modelled
    page = model_page(plant, "pump")

    card = page.champion
    assert (card.version, card.owner, page.challenger.version, page.challenger.owner) == (old, "Ada", new, "Eve")
    assert card.overdue.startswith("The model's review was due on 2026-02-10 (owner: Ada)")
    assert page.challenger.overdue == ""
    assert card.rung_why == "bearing wear, drive end within 14 d: 3 failures on record, 5 are needed"
    assert "Leaking mechanical seal is not predictable with these sensors. A leak detector would help." in card.silent
    assert card.leaks[0].question == "Do features stay the same when the future is taken away?"
    assert ("Known at", "1 Feb 2026, 07:00") in card.made_of
    assert card.report


def test_the_gate_of_every_promotion_is_read_off_the_audit(modelled):
    (decision,) = model_page(modelled[0], "pump").decisions

    assert (decision.who, decision.verb, decision.version) == ("Ben and Eve", "promote, forced", modelled[1])
    assert [(line.mark, line.reason) for line in decision.lines] == [
        ("pass", "0.0145 is not worse than 0.0150"),
        ("fail", "92 h is worse than 88 h"),
    ]


def test_past_its_review_a_model_says_so_wherever_it_speaks(modelled):
    plant = modelled[0]
    with plant.unit_of_work() as work:
        alert = work.alerts.list(asset="P-101")[0].id
    said = "the model's review was due on 2026-02-10 (owner: Ada)"

    pumps = next(one for one in health(plant).classes if one.asset_class == "pump")
    assert alert_page(plant, alert).standing.overdue.startswith(said)
    assert asset_page(plant, "P-101").standing.overdue.startswith(said)
    assert pumps.overdue.startswith(said)
    assert (pumps.owner, pumps.rung) == ("Ada", "watch list")
    assert any(said in problem for problem in health(plant).problems)


def test_a_class_without_a_model_has_a_page_and_no_report(own_plant):
    page = model_page(own_plant, "fan")

    assert (page.champion, page.challenger, page.decisions, page.problem) == (None, None, (), "")
    with pytest.raises(NotFound):
        report_file(own_plant, "fan", "champion")
    with pytest.raises(NotFound):
        model_page(own_plant, "rocket")


def test_a_card_that_was_tampered_with_is_not_shown(modelled):
    plant, old, _ = modelled
    file = plant.workspace.bundles / "pump" / old / "manifest.json"
    file.write_text(file.read_text().replace("Ada", "Eve"))

    page = model_page(plant, "pump")
    assert page.champion is None
    assert "The card of the champion cannot be read" in page.problem
    assert page.challenger is not None
