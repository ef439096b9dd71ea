"""The page of a class's models in a real browser, and the way from an alert to it and on to the report."""

from datetime import timedelta

import pytest

from pdm.testing.models import a_model_on_the_shelf

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def modelled(served, seed, steady_plant, tmp_path_factory):
    plant = seed.copied(steady_plant, tmp_path_factory.mktemp("modelled"))
    a_model_on_the_shelf(plant, at=seed.NOW - timedelta(days=200))
    with served(plant) as address:
        yield address


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_the_page_of_models(modelled, watched, grave, scheme):
    page = watched(modelled + "/models/pump", color_scheme=scheme)

    assert grave(page) == []
    assert page.said == []


def test_from_an_asset_to_the_card_of_its_model_and_to_the_report(modelled, watched):
    page = watched(modelled + "/assets/P-101")
    page.locator("a[href='/models/pump']").first.click()
    page.wait_for_url("**/models/pump")
    page.locator("a", has_text="The report of its training").click()
    page.wait_for_url("**/report")

    assert page.locator("p").inner_text() == "Report of a training"
    assert page.evaluate("getComputedStyle(document.querySelector('p')).color") == "rgb(255, 0, 0)"
    assert page.said == []
