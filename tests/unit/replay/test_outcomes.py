"""What became of alerts, by the failures on record, with numbers worked out by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pdm.alerts.alert import AlertState
from pdm.alerts.suppression import Suppressions
from pdm.catalogue import Costs, Policy
from pdm.replay.budget import Trial, candidates, needed, pick, solve
from pdm.replay.decisions import replay_policy
from pdm.replay.figures import anecdote, difference, figures, tally
from pdm.replay.outcomes import Failure, Span, judge_alerts
from pdm.replay.page import budget_page, replay_page
from pdm.replay.scored import read_scored, write_scored
from pdm.scoring.assessment import Deviation
from pdm.testing.builders import NOON, an_alert, an_assessment, an_asset

DAY = timedelta(days=1)
SPAN = Span(NOON, NOON + 100 * DAY, horizon=14 * DAY, reach=42 * DAY)
FAILURE = Failure("P-101", "pump", "bearing_wear", NOON + 60 * DAY, lead=5 * DAY)


def judged(days, mode="bearing_wear", *, failures=(FAILURE,), work=None, asset="P-101"):
    alert = replace(an_alert(asset, mode), raised_at=NOON + days * DAY)
    (one,) = judge_alerts([alert], failures, work or {}, SPAN).alerts
    return one.kind


@pytest.mark.parametrize(
    ("days", "mode", "kind"),
    [
        (50, "bearing_wear", "in time"),
        (50, "unspecified", "in time"),
        (30, "bearing_wear", "early"),
        (57, "bearing_wear", "late"),
        (50, "seal_leak", "wrong mode"),
        (10, "bearing_wear", "false"),
        (61, "bearing_wear", "false"),
        (95, "bearing_wear", "undecided"),
    ],
)
def test_an_alert_is_what_the_failure_makes_of_it(days, mode, kind):
    assert judged(days, mode) == kind


def test_work_that_took_the_chance_to_know_leaves_an_alert_undecided():
    assert judged(10, failures=(), work={"P-101": [NOON + 20 * DAY]}) == "undecided"
    assert judged(10, failures=(), work={"P-101": [NOON + 5 * DAY]}) == "false"


def test_a_failure_counts_once_and_the_first_alert_gives_its_lead():
    alerts = [replace(an_alert(), id=f"al-{n}", raised_at=NOON + days * DAY) for n, days in enumerate((48, 52, 58))]

    outcomes = judge_alerts(alerts, [FAILURE], {}, SPAN)

    assert outcomes.found == {0}
    assert outcomes.leads[0] == 12 * DAY
    assert outcomes.missed == ()


def test_a_missed_failure_says_what_was_nearest():
    late = replace(an_alert(), raised_at=NOON + 58 * DAY)
    other = replace(FAILURE, asset="P-102")

    outcomes = judge_alerts([late], [FAILURE, other], {}, SPAN)

    assert [one.why for one in outcomes.missed] == ["an alert, but too late", "no alert"]


def test_figures_are_sums_over_assets_with_their_intervals():
    alerts = [
        replace(an_alert("P-101"), id="a", raised_at=NOON + 50 * DAY),
        replace(an_alert("P-102"), id="b", raised_at=NOON + 10 * DAY),
    ]
    outcomes = judge_alerts(alerts, [FAILURE], {}, SPAN)
    costs = {"pump": Costs(24000.0, 3200.0, 350.0)}
    classes = {"P-101": "pump", "P-102": "pump"}

    counted = tally(outcomes, dict.fromkeys(classes, 0.5), costs, classes, {})
    found = figures(counted, weeks=10.0)

    assert found["recall"].value == 1.0
    assert found["precision"].of == (1, 2)
    assert found["alerts_per_week"].value == pytest.approx(0.2)
    assert found["false_per_year"].value == 1.0
    assert found["base_rate"].value == 1.0
    assert counted.cost.tolist() == [3200.0, 350.0]
    assert difference(counted, counted.cost * 0 + 24000.0).value == 48000.0 - 3550.0
    assert found["false_per_year"].low <= 1.0 <= found["false_per_year"].high


def test_few_failures_are_called_an_anecdote():
    assert "none of these shares is a promise" in anecdote(1)
    assert anecdote(5) == ""


def scores(asset, values, **changes):
    return [an_assessment(asset, probability=value, hours=24.0 * day, **changes) for day, value in enumerate(values)]


def rounds(*sequences):
    return [(some[0].as_of, list(some)) for some in zip(*sequences, strict=True)]


def test_a_policy_decides_over_scores_that_were_made_once():
    policy = Policy(raise_at=0.4, clear_at=0.2, persistence=(2, 3))
    past = rounds(scores("P-101", [0.1, 0.9, 0.9, 0.9] + [0.9] * 20), scores("P-102", [0.1] * 24))

    done = replay_policy(past, {"pump": policy}, {"P-101": an_asset()}, suppressed=Suppressions())
    stricter = replay_policy(past, {"pump": replace(policy, raise_at=0.95)}, {})

    assert [(one.step, one.at) for one in done.steps][:2] == [("raise", NOON + 2 * DAY), ("close", NOON + 16 * DAY)]
    assert done.alerts[0].state is AlertState.CLOSED
    assert [one.step for one in done.steps].count("raise") == 2
    assert stricter.alerts == ()


def test_scores_come_back_from_their_file_as_they_went_in(tmp_path):
    away = Deviation("bearing_wear", 1.25, ("vibration",), "vibration above expected")
    past = rounds(scores("P-101", [0.1, 0.9], life=200.0, deviations=(away,), contributions=()))

    write_scored(tmp_path / "scored.parquet", past)

    assert read_scored(tmp_path / "scored.parquet") == past


def trial(per_week, found, critical_found, unfounded=0):
    return Trial(Policy(raise_at=per_week / 10), 10.0, int(per_week * 10), unfounded, 10, found, 4, critical_found)


def test_within_the_budget_nothing_critical_is_missed_before_anything_else_counts():
    quiet, careful, loud = trial(1, 6, 3), trial(4, 5, 4), trial(9, 10, 4)

    assert pick([quiet, careful, loud], 5.0) is careful
    assert pick([loud], 5.0) is None


def test_the_choice_is_told_with_the_confidence_it_deserves():
    trials = {0.1: trial(1, 6, 3), 0.4: trial(4, 5, 4)}

    def look(policy):
        return trials[policy.raise_at]

    solution = solve([one.policy for one in trials.values()], look, (look, look), per_week=5.0)

    assert solution.best is trials[0.4]
    assert "the true share may be as low as" in solution.sentences[1]
    assert f"It takes {needed(0.9)} without a miss" in solution.sentences[1]
    assert "Chosen on the first half alone" in solution.sentences[2]


def test_no_candidate_within_the_budget_is_said():
    one = trial(9, 10, 4)
    solution = solve([one.policy], lambda _: one, (lambda _: one, lambda _: one), per_week=5.0)

    assert solution.best is None
    assert "No candidate keeps to 5 alerts a week" in solution.sentences[0]


def test_candidates_lie_where_the_scores_lie():
    found = candidates(Policy(raise_at=0.5), scores("P-101", [0.01, 0.02, 0.03, 0.3]))

    assert {one.persistence for one in found} == {(1, 1), (2, 3), (3, 4)}
    assert all(one.clear_at <= one.raise_at for one in found)
    assert any(0.1 < one.raise_at < 0.4 for one in found)
    assert {one.raise_deviation for one in found} == {1.0}


def test_pages_escape_what_they_show():
    document = {
        "start": "2026-01-01",
        "end": "2026-02-01",
        "classes": ["<pump>"],
        "warning": "a & b",
        "figures": {"recall": {"value": 0.5, "low": 0.1, "high": None, "of": [1, 2]}},
        "alerts_each_week": [0, 3],
        "alerts_by_kind": {"false": 3},
        "reopenings": 0,
        "missed": [{"at": "2026-01-05T00:00", "asset": "P<1>", "failure_mode": "", "why": "no alert"}],
        "against": {"policy": {"cost": 1.0, "currency": "EUR"}},
    }
    budget = {
        "sentences": ["5 < 6"],
        "trials": [{"alerts_per_week": 1.0, "found": [1, 2]}],
        "per_week": 5.0,
        "best": None,
    }

    page = replay_page(document, "x") + budget_page(budget, "y")

    assert "&lt;pump&gt;" in page
    assert "P&lt;1&gt;" in page
    assert "5 &lt; 6" in page
    assert page.count("<svg") == 2
