"""The cold-start ladder: which kind of answer the failures on record can bear, by a stated rule, and why.

| rung | what it rests on | needs |
|---|---|---|
| `age only` | ages at which parts failed, from maintenance dates | two failures |
| `watch list` | what a sound machine would show in this load and weather | weeks of undisturbed running, no failure |
| `fleet model` | all failures of the class together, whatever the mode | 5 failed lives, and better than age alone on machines never seen |
| `own model` | the failures of one mode | 10 failed lives, and better than the fleet model where one asks for the same horizon |

A rung is climbed only when it answers better out of fold than what stands below it: probabilities by Brier's score, remaining life by
its root mean square error. A watch list gives no probability that could be measured so: it stays beside every model, and its alerts are
raised with the model's. What is not climbed is not thrown away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from pdm.catalogue import ModelDefinition, Target
from pdm.catalogue.helps import would_help
from pdm.learning.metrics import brier
from pdm.learning.splits import equal_weights

Rung = Literal["none", "age only", "watch list", "fleet model", "own model"]

NONE: Rung = "none"
AGE_ONLY: Rung = "age only"
WATCH_LIST: Rung = "watch list"
FLEET_MODEL: Rung = "fleet model"
OWN_MODEL: Rung = "own model"
RUNGS: tuple[Rung, ...] = (NONE, AGE_ONLY, WATCH_LIST, FLEET_MODEL, OWN_MODEL)

FLEET_FAILURES, OWN_FAILURES, AGE_FAILURES = 5, 10, 2
SKILL = 0.05
"""How much better than the rung below, as a share of its error."""


@dataclass(frozen=True)
class Step:
    """One question and the rung it stands on. skill: share of the error of age alone (or the average) that it saves; None: not measured."""

    target: str
    rung: Rung
    failures: int
    skill: float | None
    why: str


@dataclass(frozen=True)
class Ladder:
    """Where a class stands. rung: the highest that one of its questions bears. abstained: failure mode -> why nobody can see it come."""

    rung: Rung
    why: str
    steps: tuple[Step, ...] = ()
    abstained: Mapping[str, str] = field(default_factory=dict)

    @property
    def unproven(self) -> dict[str, str]:
        """Target -> why its model's answers disturb nobody: on machines it had not seen they were no better than age alone."""
        return {step.target: step.why for step in self.steps if step.skill is not None and step.skill <= 0}

    @property
    def words(self) -> str:
        """The rung, why it is this one, and what nobody can see come, a line each.

        >>> print(Ladder("watch list", "no failure on record", abstained={"crack": "no sensor feels it"}).words)
        stands on the rung: watch list, because no failure on record
        not predictable: crack (no sensor feels it)
        """
        lines = [f"stands on the rung: {self.rung}, because {self.why}"]
        return "\n".join([*lines, *(f"not predictable: {mode} ({why})" for mode, why in self.abstained.items())])

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "rung": self.rung,
            "why": self.why,
            "steps": [asdict(step) for step in self.steps],
            "abstained": dict(self.abstained),
        }


def ladder_from(document: Mapping[str, Any]) -> Ladder:
    """The inverse of `Ladder.document`; a model from before there was a ladder stands on no rung that anybody chose."""
    if not document:
        return Ladder(FLEET_MODEL, "trained before rungs were chosen by rule")
    steps = tuple(Step(**step) for step in document["steps"])
    return Ladder(document["rung"], document["why"], steps, document["abstained"])


def choose_rung(
    definition: ModelDefinition,
    failures: Mapping[str, int],
    metrics: Mapping[str, float],
    baselines: Mapping[str, float],
    *,
    watch: bool,
    without: str = "",
    unwatched: str = "no machine ran undisturbed for long enough to say what is normal",
) -> Ladder:
    """Where a class stands, by the rule above.

    failures: target -> failed lives on record. metrics, baselines: as `Evaluation` names them (`bearing.new_assets.brier`); empty
    where nothing could be trained. watch: whether there is a watch list. without: why there is no trained model, where there is none.
    unwatched: why there is no watch list.

    >>> from pdm.catalogue import Costs, FailureMode
    >>> mode = FailureMode("wear", "Wear", "bearing")
    >>> fan = ModelDefinition("fan", "Fans", (mode,), (Target("soon", "failure_within", ("wear",), 336.0),), Costs(1, 1, 1))
    >>> choose_rung(fan, {"soon": 3}, {}, {}, watch=True).rung
    'watch list'
    """
    steps = tuple(
        _step(target, definition, failures.get(target.name, 0), metrics, baselines) for target in definition.targets
    )
    abstained = abstentions(definition)
    best = max(steps, key=lambda step: RUNGS.index(step.rung), default=None)
    if best is not None and RUNGS.index(best.rung) >= RUNGS.index(FLEET_MODEL):
        return Ladder(best.rung, f"{best.target}: {best.why}", steps, abstained)
    reason = without or (best.why if best is not None else "no target is defined")
    if watch:
        return Ladder(
            WATCH_LIST, f"{reason}; readings are compared with what is expected of a sound machine", steps, abstained
        )
    if max(failures.values(), default=0) >= AGE_FAILURES:
        return Ladder(AGE_ONLY, f"{reason}, and {unwatched}", steps, abstained)
    return Ladder(NONE, f"{reason}, and nothing below it works either", steps, abstained)


def _step(
    target: Target,
    definition: ModelDefinition,
    failures: int,
    metrics: Mapping[str, float],
    baselines: Mapping[str, float],
) -> Step:
    """One target: enough failures, and better than what needs no sensor."""
    saved = skill_of(target, metrics, baselines)
    if saved is None:
        return Step(
            target.name, NONE, failures, None, f"{failures} failures on record taught nothing that could be tested"
        )
    share = f"{saved:.0%} less error than age alone on machines it had not seen"
    # A target of one mode among several needs more failures: nobody else's help to teach it.
    whole = set(target.modes) >= {mode.name for mode in definition.failure_modes if not mode.not_predictable}
    wanted = FLEET_FAILURES if whole else OWN_FAILURES
    if failures < wanted:
        return Step(target.name, NONE, failures, saved, f"{failures} failures on record, {wanted} are needed")
    if saved <= 0:
        why = f"{failures} failures, but no better than age alone on machines it had not seen"
        return Step(target.name, NONE, failures, saved, why)
    if saved < SKILL:
        return Step(target.name, NONE, failures, saved, f"{failures} failures, but only {share}")
    own = len(target.modes) == 1 and failures >= OWN_FAILURES
    pooled, place = baselines.get(f"{target.name}.new_assets.brier_fleet"), f"{target.name}.new_assets.brier"
    if own and pooled is not None and metrics[place] >= pooled:
        why = f"{failures} failures, and {share}, but no less error than the model of all modes together"
        return Step(target.name, FLEET_MODEL, failures, saved, why)
    return Step(target.name, OWN_MODEL if own else FLEET_MODEL, failures, saved, f"{failures} failures, and {share}")


def fleet_errors(answers: pd.DataFrame, definition: ModelDefinition) -> dict[str, float]:
    """`<target>.new_assets.brier_fleet`: how well the model of several modes answers what a model of one of them is asked.

    Its chance of any failure times the mode's share of the failures. answers: held-out answers of all targets
    (`pdm.learning.answers.COLUMNS`).
    """
    asked = [target for target in definition.targets if target.kind == "failure_within"]
    seen = answers[answers["question"] == "new_assets"]
    found = {}
    for own in (target for target in asked if len(target.modes) == 1):
        wider = [one for one in asked if set(one.modes) > set(own.modes) and one.horizon == own.horizon]
        both = [
            seen[seen["target"] == own.name].merge(
                seen[seen["target"] == one.name], on=["asset", "position"], suffixes=("", "_fleet")
            )
            for one in wider
        ]
        errors = [error for error in (_share_error(rows, own.horizon) for rows in both) if error is not None]
        if errors:
            found[f"{own.name}.new_assets.brier_fleet"] = min(errors)
    return found


def _share_error(rows: pd.DataFrame, horizon: float) -> float | None:
    """Brier's score of the fleet's chance times the share of its failures that were this one; None where it was never right."""
    failed, of_any = (
        int(rows.loc[rows[f"observed{which}"].astype(bool), ["asset", f"life{which}"]].drop_duplicates().shape[0])
        for which in ("", "_fleet")
    )
    remaining, observed = rows["remaining"].to_numpy(dtype=np.float64), rows["observed"].to_numpy(dtype=bool)
    truth = np.where(observed & (remaining <= horizon), 1.0, np.where(observed | (remaining >= horizon), 0.0, np.nan))
    known = ~np.isnan(truth) & rows["answer_fleet"].notna().to_numpy()
    if not of_any or not known.any():
        return None
    weight = equal_weights(rows["group"].to_numpy(dtype=np.int64), known)[known]
    chance = rows["answer_fleet"].to_numpy(dtype=np.float64)[known] * min(failed / of_any, 1.0)
    return brier(chance, truth[known], weight)


def skill_of(target: Target, metrics: Mapping[str, float], baselines: Mapping[str, float]) -> float | None:
    """Share of the error of the best answer without sensors that is saved on assets never seen; None where nothing was measured."""
    name = "brier" if target.kind == "failure_within" else "rmse"
    place = f"{target.name}.new_assets.{name}"
    own = metrics.get(place)
    others = [baselines[key] for key in (f"{place}_age_only", f"{place}_constant") if key in baselines]
    if own is None or not others or min(others) <= 0:
        return None
    return 1.0 - own / min(others)


def abstentions(definition: ModelDefinition, modes: Sequence[str] = ()) -> dict[str, str]:
    """(class, mechanism) pairs that these sensors cannot see coming, each with the check or sensor that would help.

    modes: those that something was learnt about all the same.
    """
    found = {}
    for mode in definition.failure_modes:
        if mode.name in modes or not mode.not_predictable:
            continue
        found[mode.name] = (
            f"{mode.title} is not predictable with these sensors: {mode.not_predictable.rstrip('.')}. {would_help(mode)}"
        )
    return found
