"""The report is one page for people: every chart with its answer in words and its figures as a table, and nothing empty."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from pdm.catalogue import load_catalogue
from pdm.learning.evaluation import Evaluation
from pdm.learning.metrics import reliability, reliability_table
from pdm.learning.report import reading_of, write_report
from pdm.learning.report_page import report_page
from pdm.learning.report_svg import Axes, line, shown, ticks
from pdm.testing.evaluations import a_race, an_evaluation, lived
from pdm.workspace import Workspace

LEAKS = {"lines": [{"name": "purge_gap", "passed": True, "sentence": "14 d lie between.", "figures": {}}]}


class Seen(HTMLParser):
    """The figures of a page: heading, sentence, what is said of the drawing, and the cells of the table."""

    def __init__(self):
        super().__init__()
        self.figures, self.inside = [], []

    def handle_starttag(self, tag, attrs):
        self.inside.append(tag)
        if tag == "figure":
            self.figures.append({"svg": "", "marks": 0, "td": 0, "h3": "", "p": ""})
        if self.figures and "figure" in self.inside:
            figure = self.figures[-1]
            figure["td"] += tag == "td"
            figure["marks"] += tag in ("path", "rect")
            if tag == "svg" and "legend" not in "".join(str(value) for _, value in attrs):
                figure["svg"] = figure["svg"] or dict(attrs).get("aria-label", "")

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data):
        if "figure" in self.inside and self.inside[-1] in ("h3", "p"):
            self.figures[-1][self.inside[-1]] += data


@pytest.fixture(scope="module")
def definition(tmp_path_factory):
    return load_catalogue(Workspace(tmp_path_factory.mktemp("home"))).model("pump")


@pytest.fixture(scope="module")
def told(definition):
    return an_evaluation(definition)


def a_report(definition, **facts):
    pump = load_catalogue(Workspace(Path())).asset_class("pump")
    known = {"rows": 1234, "assets": 60, "from": "2026-01-01 00:00:00+00:00", "until": "2026-06-01 00:00:00+00:00"}
    return {
        "unit": "h",
        "facts": known | {"reading": reading_of(definition, pump), "leaks": LEAKS} | facts,
        "importance": {target.name: {"vibration": 0.7, "flow": 0.3} for target in definition.targets},
    }


@pytest.fixture(scope="module")
def page(definition, told):
    return report_page(told, a_report(definition), "Pumps <1>")


def test_every_chart_has_its_answer_its_name_and_its_table(page):
    seen = Seen()
    seen.feed(page)

    # The race; four or five charts of each probability (five where a failure was found), five of each remaining life; two views.
    assert len(seen.figures) >= 1 + 2 * (4 + 4 + 5)
    for figure in seen.figures:
        assert figure["h3"]
        assert figure["p"].endswith(".")
        assert figure["svg"] == figure["p"]
        assert figure["marks"] >= 2
        assert figure["td"] >= 2


def test_nothing_is_fetched_and_nothing_is_no_number(page):
    assert not re.search(r"https?:|src=|@import|url\(", page)
    assert not re.search(r"\bnan\b|\binf\b", page, re.IGNORECASE)
    assert "Pumps &lt;1&gt;" in page
    assert len(page) < 400_000


def test_lengths_are_in_days_and_money_in_the_currency_of_the_class(page):
    assert "true remaining life, days" in page
    assert "EUR per asset and year" in page
    assert "Bearing wear, drive end within 14 d: machines it had never seen" in page
    assert "with the 8 days that planning and parts take" in page


def test_names_of_channels_and_targets_are_said_in_words(definition, told):
    ladder = {"rung": "own model", "why": "bearing_wear_within_14d: 13 failures"}

    page = report_page(told, a_report(definition, ladder=ladder), "Pumps")

    assert "Most of what the trees gained came from vibration velocity, drive end 70 %; delivered flow 30 %." in page
    assert "bearing wear, drive end within 14 d: 13 failures" in page
    assert "bearing_wear_within_14d" not in page


def test_plain_alarms_stand_beside_the_model(page):
    assert "; a limit 40 % with 1.5; EWMA 50 % with 2.5." in page
    assert "share found by a limit" in page


def test_a_bin_in_which_nothing_failed_is_not_called_certain():
    ones, groups = np.ones(400), np.repeat(np.arange(20), 20)

    (low, *_) = reliability_table(np.full(400, 0.001), np.zeros(400), ones, groups, bins=1)

    assert (low["seen"], low["low"]) == (0.0, 0.0)
    assert low["high"] == pytest.approx(1 - 0.05 ** (1 / 20))


def test_the_leak_guard_answers_its_questions_in_words(page):
    assert "Does the gap keep labels and windows of training and test apart?" in page
    assert "14 d lie between." in page


def test_a_class_that_learnt_nothing_has_a_page_too(definition, tmp_path):
    empty = Evaluation((), {"bearing_wear_within_14d": "bearing_wear_within_14d was left out: no failure on record."})
    ladder = {"rung": "watch list", "why": "no failure is on record"}

    html, data = write_report(tmp_path, empty, a_report(definition, ladder=ladder), title="Pumps")

    assert "there is no answer to judge" in html.read_text()
    assert "It stands on the rung “watch list”: no failure is on record." in html.read_text()
    assert "no failure on record" in html.read_text()
    assert json.loads(Path(data).read_text())["unit"] == "h"


@pytest.fixture(scope="module")
def many():
    return lived(machines=600, every=72.0)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("NaT", "NaT", "1 234 feature rows of 60 assets."),
        ("nan", "nan", "1 234 feature rows of 60 assets."),
        ("1.0", "362.0", "1 234 feature rows of 60 assets, from 1 days to 362 days."),
    ],
)
def test_a_class_without_readings_or_with_a_counter_has_a_page_too(definition, first, last, said):
    report = a_report(definition, **{"from": first, "until": last})

    assert said in report_page(Evaluation(()), report, "Pumps")


def test_answers_that_know_the_truth_race_as_it_comes(definition, many):
    race = a_race(definition, many)

    assert [row["horizon"] for row in race] == [72.0, 168.0, 336.0, 504.0, 720.0, 1008.0]
    for row in race:
        for mode in ("bearing_wear", "seal_leak"):
            assert row[f"{mode}.low"] <= row[f"{mode}.seen"] <= row[f"{mode}.high"]
        assert row["bearing_wear.said"] + row["seal_leak.said"] == pytest.approx(
            row["bearing_wear.seen"] + row["seal_leak.seen"], abs=0.03
        )
    # The race is run at 14 days: there the modes themselves are right too.
    assert race[2]["bearing_wear.said"] == pytest.approx(race[2]["bearing_wear.seen"], abs=0.025)
    assert race[2]["seal_leak.said"] == pytest.approx(race[2]["seal_leak.seen"], abs=0.025)


def test_answers_that_take_one_mode_for_the_other_are_seen_through(definition, many):
    row = a_race(definition, many, swapped=True)[2]

    assert not row["bearing_wear.low"] <= row["bearing_wear.said"] <= row["bearing_wear.high"]


def test_reliability_says_how_sure_it_is():
    random = np.random.default_rng(1)
    machines = np.repeat(np.arange(40), 50)
    chance = random.uniform(0, 1, len(machines))
    came = (random.uniform(0, 1, len(machines)) < chance).astype(float)
    ones = np.ones(len(machines))

    honest, lying = (reliability_table(said, came, ones, machines) for said in (chance, chance**3))

    plain = reliability(chance, came)
    assert [row["said"] for row in honest] == pytest.approx(plain[:, 0].tolist())
    assert [row["seen"] for row in honest] == pytest.approx(plain[:, 1].tolist())
    assert sum(row["low"] <= row["said"] <= row["high"] for row in honest) >= 8
    assert sum(row["low"] <= row["said"] <= row["high"] for row in lying) <= 4


def test_a_line_breaks_where_there_is_no_number():
    axes = Axes((0.0, 3.0), (0.0, 1.0), "x", "y")

    drawn = line(axes, [0.0, 1.0, 2.0, 3.0], [0.1, np.nan, 0.3, 0.4])

    assert drawn.count("M") == 2
    assert drawn.count("L") == 1


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.0, 0.034), (-3.0, 17.0), (5.0, 5.0), (0.0, float("inf"))])
def test_ticks_are_few_and_inside(low, high):
    found = ticks(low, high)

    assert 1 <= len(found) <= 11
    assert all(low - 1e-9 <= value <= high + 1e-9 for value in found)


def test_figures_have_the_digits_that_anyone_reads():
    assert [shown(value) for value in (0.0, 1234567.0, 0.000123456, float("nan"))] == [
        "0",
        "1 234 567",
        "0.000123",
        "–",
    ]
