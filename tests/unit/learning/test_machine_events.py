from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Costs, FailureMode, ModelDefinition, Policy, Target
from pdm.learning.machine_events import choose_policy, choose_threshold, count_machine_alerts, together

POLICY, YEAR = Policy(raise_at=0.5, clear_at=0.2, persistence=(1, 1)), 8766.0


def answers(target, chance, fails_at, asset="M-1", every=3.0, question="later"):
    """Answers every three hours to one component of one machine that fails at `fails_at` (None: it does not)."""
    position = np.arange(len(chance)) * every
    end = fails_at if fails_at is not None else position[-1]
    alive = position < end if fails_at is not None else np.ones(len(position), dtype=bool)
    return pd.DataFrame(
        {
            "target": target,
            "question": question,
            "asset": asset,
            "position": position,
            "remaining": end - position,
            "observed": fails_at is not None,
            "age": position,
            "life": 0,
            "answer": chance,
        }
    )[alive]


def one_target(costs):
    return ModelDefinition(
        "engine",
        "Engines",
        (FailureMode("wear", "Wear", "unit"),),
        (Target("a", "failure_within", ("wear",), horizon=24.0),),
        costs,
        policy=POLICY,
    )


def rising(at, length=40, low=0.01, high=0.9):
    return np.where(np.arange(length) >= at, high, low)


def test_two_components_that_fail_at_one_moment_are_one_failure_and_one_alert():
    both = pd.concat([answers("a", rising(24), 90.0), answers("b", rising(25), 90.0)], ignore_index=True)

    found = count_machine_alerts(both, {"a": 0.5, "b": 0.5}, POLICY, horizon=24.0, per_year=YEAR)

    assert (found.failures, found.found, found.episodes, found.false) == (1, 1, 1, 0)
    assert found.leads == (18.0,)


def test_an_alert_that_names_the_neighbour_finds_the_machine_all_the_same():
    rows = [answers("a", rising(24), None), answers("b", np.full(40, 0.01), 90.0)]

    found = count_machine_alerts(
        pd.concat(rows, ignore_index=True), {"a": 0.5, "b": 0.5}, POLICY, horizon=24.0, per_year=YEAR
    )

    assert (found.found, found.false) == (1, 0)


def test_every_component_is_held_against_its_own_threshold():
    rows = pd.concat([answers("a", rising(24, high=0.4), None), answers("b", rising(99), None)], ignore_index=True)

    loud, calm = (
        count_machine_alerts(rows, {"a": bar, "b": 0.5}, POLICY, horizon=24.0, per_year=YEAR) for bar in (0.3, 0.5)
    )

    assert (loud.episodes, calm.episodes) == (1, 0)


def test_the_first_end_counts_and_a_failure_wins_a_tie():
    rows = pd.concat([answers("a", rising(24), 60.0), answers("b", rising(24), None)], ignore_index=True)

    merged = together(rows, {"a": 0.5, "b": 0.5})

    assert (merged["position"] + merged["remaining"]).unique().tolist() == [60.0]
    assert merged["observed"].all()


def test_the_threshold_is_the_middle_of_the_plateau_of_the_cheapest_ones():
    """False peaks reach 0.3, true ones 0.8: everything between costs the same, and the middle is safest."""
    machines = [
        answers("a", np.where(np.arange(40) == 10, 0.3, rising(24, high=0.8)), 90.0, f"M-{n}", question="new_assets")
        for n in range(6)
    ]

    threshold = choose_threshold(
        pd.concat(machines, ignore_index=True), POLICY, Costs(5000, 800, 150), horizon=24.0, per_year=YEAR
    )

    assert threshold == pytest.approx(0.55, abs=0.051)


def test_where_missing_costs_little_the_threshold_keeps_quiet():
    """One machine cries at 0.6 for nothing, ten times; one failure is foretold at 0.6 as well."""
    calm = [answers("a", np.where(np.arange(40) % 8 == 4, 0.6, 0.01), None, f"C-{n}") for n in range(10)]
    rows = pd.concat([answers("a", rising(24, high=0.6), 90.0), *calm], ignore_index=True)

    cheap, dear = (
        choose_threshold(rows, POLICY, Costs(missed, 1, 100), horizon=24.0, per_year=YEAR) for missed in (10.0, 1e6)
    )

    assert cheap > 0.6 >= dear


def test_where_single_answers_cry_for_nothing_two_in_a_row_are_asked_for():
    """Every calm machine has single peaks as high as the real alarm: only persistence tells them apart."""
    calm = [
        answers("a", np.where(np.arange(40) % 8 == 4, 0.9, 0.01), None, f"C-{n}", question="new_assets")
        for n in range(6)
    ]
    sick = [answers("a", rising(24), 90.0, f"S-{n}", question="new_assets") for n in range(3)]
    definition = one_target(Costs(5000, 800, 150))

    policy, thresholds = choose_policy(pd.concat([*calm, *sick], ignore_index=True), definition, per_year=YEAR)

    assert policy.persistence == (2, 2)
    assert 0.01 < thresholds["a"] < 0.9


def test_what_keeps_within_the_budget_of_false_alerts_comes_before_what_costs_less():
    """One of four failures is foretold no louder than a calm machine cries: it is worth a hundred false alerts, and beyond the budget."""
    crying = [
        answers("a", np.where(np.arange(40) % 8 < 4, 0.6, 0.01), None, f"C-{n}", question="new_assets")
        for n in range(6)
    ]
    sick = [answers("a", rising(24), 90.0, f"S-{n}", question="new_assets") for n in range(3)]
    faint = answers("a", rising(24, high=0.6), 90.0, "S-9", question="new_assets")
    rows = pd.concat([*crying, *sick, faint], ignore_index=True)
    definition = one_target(Costs(50_000, 800, 150))

    cheap, kept = (choose_policy(rows, definition, per_year=YEAR, budget=budget) for budget in (None, 0.3))

    def count(choice):
        return count_machine_alerts(rows, choice[1], choice[0], horizon=24.0, per_year=YEAR)

    assert (count(cheap).found, count(cheap).false > 0) == (4, True)
    assert (count(kept).found, count(kept).false) == (3, 0)


def test_limits_are_chosen_for_machines_and_not_for_components_apart():
    """The neighbour's answer rises with every failure: apart it would be called false, on the machine it is the same alert."""
    named = [answers("a", rising(25), 90.0, f"S-{n}", question="new_assets") for n in range(4)]
    neighbour = [answers("b", rising(24, high=0.7), None, f"S-{n}", question="new_assets") for n in range(4)]
    definition = one_target(Costs(5000, 800, 150))
    second = Target("b", "failure_within", ("wear",), horizon=24.0)
    definition = replace(definition, targets=(*definition.targets, second))
    rows = pd.concat([*named, *neighbour], ignore_index=True)

    policy, thresholds = choose_policy(rows, definition, per_year=YEAR, budget=0.3)

    found = count_machine_alerts(rows, thresholds, policy, horizon=24.0, per_year=YEAR)
    assert (found.found, found.false) == (4, 0)
    assert thresholds["b"] < 0.7
