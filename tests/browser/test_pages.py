from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.browser

PLANT = (
    "/fleet",
    "/alerts",
    "/requests",
    "/schedule",
    "/trust",
    "/deferrals",
    "/health",
    "/assets/P-101",
    "/assets/FD001-test-007",
    "/assets/C-201",
)
PAGES = (*PLANT, "ALERT", "REQUEST", "/sign-in")
LOOKS = [
    *((name, "light") for name in PAGES),
    ("/fleet", "dark"),
    ("ALERT", "dark"),
    ("REQUEST", "dark"),
    ("/schedule", "dark"),
    ("/assets/P-101", "dark"),
]


@pytest.fixture(scope="module")
def addresses(steady, steady_plant):
    with steady_plant.unit_of_work() as work:
        alert = work.alerts.list(asset="P-101")[0].id
        request = work.requests.list(asset="P-101")[0].id
    known = {"ALERT": f"/alerts/{alert}", "REQUEST": f"/requests/{request}"}
    return {name: steady + known.get(name, name) for name in PAGES}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_in_silence_and_asks_nobody_else(addresses, watched, name):
    page = watched(addresses[name])

    origin = urlsplit(addresses[name]).netloc
    assert page.said == []
    assert {urlsplit(url).netloc for url in page.asked} == {origin}


@pytest.mark.parametrize(("name", "scheme"), LOOKS)
def test_axe_finds_nothing_serious(addresses, watched, grave, name, scheme):
    page = watched(addresses[name], color_scheme=scheme)

    assert grave(page) == []


def test_charts_are_drawn_in_ink(addresses, watched):
    page = watched(addresses["/assets/P-101"])

    figures = page.query_selector_all("figure[data-chart]")
    inked = page.evaluate(
        """() => [...document.querySelectorAll('figure[data-drawn] canvas')].map(canvas => {
            const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            let count = 0;
            for (let i = 3; i < pixels.length; i += 4) count += pixels[i] > 0;
            return count;
        })"""
    )

    assert len(figures) == len(inked) == 11
    assert min(inked) > 1000


def test_arrow_keys_read_a_chart_aloud(addresses, watched):
    page = watched(addresses["/assets/P-101"])
    plot = page.locator("figure[data-chart=vibration] .plot")
    plot.focus()
    page.keyboard.press("End")
    last = page.locator("figure[data-chart=vibration] output").inner_text()
    page.keyboard.press("ArrowLeft")
    before = page.locator("figure[data-chart=vibration] output").inner_text()

    assert last.endswith("mm/s")
    assert "2 Mar 2026, " in last
    assert before != last
    assert "Latest 7.76 mm/s" in plot.get_attribute("aria-label")


def test_an_alert_is_acknowledged_by_keyboard_alone(changing, watched, tab_to):
    page = watched(changing + "/alerts")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    tab_to(page, "a", "Bearing wear, drive end")
    page.keyboard.press("Enter")
    page.wait_for_url("**/alerts/al-*")
    tab_to(page, "input", "", name="by")
    page.keyboard.type("Ada")
    tab_to(page, "button", "Acknowledge")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]")

    assert page.locator("[role=status]").inner_text() == "Acknowledged."
    assert "Ada: acknowledge" in page.locator("main").inner_text()
    assert page.locator("footer input[name=by]").input_value() == "Ada"
    assert page.said == []


def test_focus_is_always_visible(addresses, watched):
    page = watched(addresses["/fleet"])

    for _ in range(25):
        page.keyboard.press("Tab")
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width >= 2, page.evaluate("document.activeElement.outerHTML.slice(0, 120)")


def test_choosing_a_filter_shows_what_fits(addresses, watched):
    page = watched(addresses["/fleet"])
    with page.expect_navigation():
        page.select_option("select[name=asset_class]", "turbofan")

    assert page.locator("tbody tr").count() == 1
    assert "asset_class=turbofan" in page.url


def test_htmx_refreshes_the_fleet_in_place(addresses, watched):
    page = watched(addresses["/fleet"])
    page.evaluate("document.querySelector('tbody').innerHTML = ''")
    page.evaluate("htmx.ajax('GET', '/fleet', {target: '#fleet-table', swap: 'innerHTML'})")
    page.wait_for_selector("#fleet-table tbody tr")

    assert page.locator("tbody tr").count() == 6
    assert page.get_attribute("#fleet-table", "hx-trigger") == "every 60s"
    assert page.said == []


@pytest.mark.parametrize("name", ["/fleet", "ALERT", "/requests", "/assets/P-101"])
def test_a_telephone_needs_no_sideways_scrolling(addresses, watched, name):
    page = watched(addresses[name])
    page.set_viewport_size({"width": 375, "height": 800})
    page.wait_for_timeout(100)

    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_a_page_weighs_little(addresses, watched):
    page = watched(addresses["/fleet"])

    scripts = [url for url in page.asked if url.endswith(".js")]
    size = sum(len(page.request.get(url).body()) for url in scripts)
    assert size < 140_000
