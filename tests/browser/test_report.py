"""The report of a training run, opened from disk as people do."""

from dataclasses import replace

import pytest

from pdm.catalogue import load_catalogue
from pdm.learning.report import reading_of, write_report
from pdm.testing.evaluations import an_evaluation
from pdm.workspace import Workspace

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    catalogue = load_catalogue(Workspace(folder))
    definition, pump = catalogue.model("pump"), catalogue.asset_class("pump")
    facts = {"rows": 1234, "assets": 60, "from": "2026-01-01 00:00:00+00:00", "until": "2026-06-01 00:00:00+00:00"}
    report = {
        "unit": "h",
        "facts": facts | {"reading": reading_of(definition, pump)},
        "importance": {target.name: {"vibration": 0.7, "flow": 0.3} for target in definition.targets},
    }
    evaluation = an_evaluation(definition)
    evaluation = replace(evaluation, views=(evaluation.views[0], evaluation.views[-1]))
    return write_report(folder, evaluation, report, title="Failures of pumps")[0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_is_readable_by_everybody_without_a_network(browser, grave, file, scheme):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme, offline=True)
    page = context.new_page()
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())

    assert grave(page) == []
    assert said == []
    assert asked == [file.as_uri()]
    context.close()


def test_no_words_of_a_chart_lie_outside_of_it_and_a_telephone_shows_it_all(browser, file):
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(file.as_uri())

    outside = page.evaluate(
        """() => [...document.querySelectorAll('figure > svg text')].filter(text => {
            const own = text.getBoundingClientRect(), all = text.ownerSVGElement.getBoundingClientRect();
            return own.left < all.left - 1 || own.right > all.right + 1 || own.top < all.top - 2 || own.bottom > all.bottom + 2;
        }).map(text => text.textContent)"""
    )
    assert outside == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
