"""What would fail first, and by when: drawn, read by keyboard, and the same as a table that adds up."""

import pytest

pytestmark = pytest.mark.browser

AHEAD = "figure[data-chart=ahead]"


@pytest.fixture
def page(steady, watched):
    return watched(steady + "/assets/P-101")


def test_each_mode_is_an_area_of_its_own_colour_with_its_name(page):
    shown = page.locator(f"{AHEAD} .legend li").all_inner_texts()

    colours = page.evaluate(
        """selector => {
            const canvas = document.querySelector(selector + ' canvas');
            const { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            const seen = new Map();
            for (let i = 0; i < width * height; i++) {
                const key = data.slice(4 * i, 4 * i + 4).join();
                seen.set(key, (seen.get(key) ?? 0) + 1);
            }
            return [...seen].filter(([key, count]) => count > 300 && !key.endsWith(',0')).length;
        }""",
        AHEAD,
    )
    assert shown == ["Bearing wear, drive end", "Leaking mechanical seal"]
    assert colours >= 2
    assert page.said == []


def test_the_keyboard_reads_shares_that_add_up(page):
    page.locator(f"{AHEAD} .plot").focus()
    page.keyboard.press("End")
    text = page.locator(f"{AHEAD} output").inner_text()

    where, told = text.split(": ", 1)
    parts = [float(part.removesuffix(" %").rsplit(" ", 1)[1]) for part in told.split(" %, ")]
    assert where == "42 days from now"
    assert "no failure" in told
    assert len(parts) == 3
    assert sum(parts) == pytest.approx(100, abs=0.05)


def test_without_a_script_the_table_says_the_same(steady, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(steady + "/assets/P-101")
    page.locator("summary", has_text="The chances as a table").click()
    table = page.locator("table", has_text="Which failure comes first")

    assert table.locator("thead th").all_inner_texts() == [
        "Within",
        "Bearing wear, drive end",
        "Leaking mechanical seal",
        "no failure",
    ]
    assert table.locator("tbody tr").count() == 5
    assert "Within 42 d: bearing wear" in page.locator("main").inner_text()
    context.close()
