"""Cases, questions to operations, savings and the health of alerting in a real browser."""

from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.browser

PAGES = ("/cases", "/notices", "/savings", "/alerting")


@pytest.mark.parametrize(
    ("path", "scheme"), [*((path, "light") for path in PAGES), ("/cases", "dark"), ("/notices", "dark")]
)
def test_axe_finds_nothing_serious(asked, watched, grave, path, scheme):
    assert grave(watched(asked + path, color_scheme=scheme)) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_in_silence_and_fits_a_telephone(asked, watched, path):
    page = watched(asked + path)
    page.set_viewport_size({"width": 375, "height": 800})
    page.wait_for_timeout(100)

    assert page.said == []
    assert {urlsplit(url).netloc for url in page.asked} == {urlsplit(asked).netloc}
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_a_case_is_claimed_by_keyboard_alone(asking, watched, tab_to):
    page = watched(asking + "/cases")
    tab_to(page, "input", "", name="by")
    page.keyboard.type("Ada")
    tab_to(page, "button", "Claim it")
    described = page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent"
    )
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]")

    assert described == "P-301: bearing wear, drive end"
    assert page.locator("[role=status]").inner_text() == "P-301 is yours."
    page.goto(asking + "/cases?whose=mine")
    assert page.locator("main section.card h2").all_inner_texts() == ["P-301: bearing wear, drive end"]
    assert page.said == []


def test_operations_answers_by_keyboard_alone_and_must_say_what_happened(asking, watched, tab_to):
    page = watched(asking + "/notices")
    tab_to(page, "input", "", name="by")
    page.keyboard.type("Olga")
    tab_to(page, "button", "It is the process")
    page.keyboard.press("Enter")
    missing = page.evaluate("document.activeElement.name")
    page.keyboard.type("cooling water at 31 degC")
    tab_to(page, "button", "It is the process")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]")

    assert missing == "why", "the browser leads to what is missing"
    assert "it is the process" in page.locator("[role=status]").inner_text()
    assert "Olga, 2 Mar 2026, 13:00" in page.locator("main").inner_text(), "the plant's clock"


def test_the_chart_of_a_question_is_drawn_and_read_aloud(asked, watched):
    page = watched(asked + "/notices")
    plot = page.locator("figure .plot").first
    plot.focus()
    page.keyboard.press("End")
    said = page.locator("figure output").first.inner_text()

    assert page.locator("figure[data-drawn] canvas").count() == 2
    assert all(f"{tag} " in said for tag in ("P-301", "P-302", "P-303", "P-304"))
    assert said.endswith("mm/s")
    assert "P-301 from" in plot.get_attribute("aria-label")


def test_bars_of_weeks_are_told_to_whoever_cannot_see_them(asked, watched):
    page = watched(asked + "/alerting")
    label = page.locator("svg.weeks").get_attribute("aria-label")

    assert label.count("Week from") == 13
    assert "1 raised, 1 right, 0 unfounded" in label
