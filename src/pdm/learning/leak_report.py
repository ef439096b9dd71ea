"""What the leak guard has found, line by line: in words for the console, as JSON for the run, the bundle and the promotion.

A model may only be put in charge with a whole report: every question asked, and none of them failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pdm.errors import LeakFound

QUESTIONS: Mapping[str, str] = {
    "future_peek": "Do features stay the same when the future is taken away?",
    "known_then": "Do features use only what was on record at the time?",
    "purge_gap": "Does the gap keep labels and windows of training and test apart?",
    "single_feature": "Does one feature alone give the answer away?",
    "shuffled_labels": "Does the procedure find nothing where there is nothing?",
    "next_maintenance": "Do features know the maintenance calendar?",
    "folds": "Was everything that is fitted kept away from the items it is judged on?",
}
"""Every question that a model must have been asked, in the order in which they are printed."""


@dataclass(frozen=True)
class LeakLine:
    """One question with its answer.

    passed: False stops training; None: the question makes no sense here, and the sentence says why.
    warning: it passed, but somebody should look.
    """

    name: str
    passed: bool | None
    sentence: str
    figures: Mapping[str, float] = field(default_factory=dict)
    warning: bool = False

    @property
    def mark(self) -> str:
        if self.passed is None:
            return "n/a"
        return "LEAK" if not self.passed else "look" if self.warning else "ok"


@dataclass(frozen=True)
class LeakReport:
    """All lines of one training run."""

    lines: tuple[LeakLine, ...]

    @property
    def failed(self) -> tuple[LeakLine, ...]:
        return tuple(line for line in self.lines if line.passed is False)

    @property
    def missing(self) -> tuple[str, ...]:
        """Questions that nobody has asked."""
        asked = {line.name for line in self.lines}
        return tuple(name for name in QUESTIONS if name not in asked)

    @property
    def warnings(self) -> list[str]:
        return [line.sentence for line in self.lines if line.passed and line.warning]

    @property
    def words(self) -> str:
        """The report as a person reads it: a line per question."""
        order = list(QUESTIONS)
        lines = sorted(self.lines, key=lambda line: order.index(line.name) if line.name in order else len(order))
        return "\n".join(f"{line.mark:>5}  {line.name:<17} {line.sentence}" for line in lines)

    def metrics(self) -> dict[str, float]:
        """Figures for the tracked run: `leak.<question>` is 1 where it passed and 0 where it did not, with its own numbers beside it."""
        found = {f"leak.{line.name}": float(line.passed) for line in self.lines if line.passed is not None}
        for line in self.lines:
            found |= {f"leak.{line.name}.{name}": float(value) for name, value in line.figures.items()}
        return found

    def plain(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "passed": not self.failed and not self.missing,
            "missing": list(self.missing),
            "lines": [
                {
                    "name": line.name,
                    "passed": line.passed,
                    "warning": line.warning,
                    "sentence": line.sentence,
                    "figures": {name: float(value) for name, value in line.figures.items()},
                }
                for line in self.lines
            ],
        }

    def refuse(self) -> None:
        """Stop here when a question was answered badly.

        Raises:
            LeakFound: with the sentences, and the whole report as `report`.
        """
        if self.failed:
            raise LeakFound(
                " ".join(line.sentence for line in self.failed),
                hint="docs/leak-guard.md says what each question means and what to do",
                report=self.plain(),
            )


def report_from(plain: Any) -> LeakReport | None:
    """The report that `plain` gave; None where there is none that can be read."""
    try:
        return LeakReport(tuple(_line(line) for line in plain["lines"]))
    except (KeyError, TypeError):
        return None


def worst(name: str, lines: Iterable[LeakLine], otherwise: str) -> LeakLine:
    """Several answers to one question as one line: what failed, else what somebody should look at, else the calm sentence."""
    found: Sequence[LeakLine] = list(lines)
    for chosen in ([one for one in found if one.passed is False], [one for one in found if one.warning]):
        if chosen:
            figures = {key: value for one in found for key, value in one.figures.items()}
            sentence = " ".join(dict.fromkeys(one.sentence for one in chosen))
            return LeakLine(name, chosen[0].passed, sentence, figures, chosen[0].warning)
    return LeakLine(name, True, otherwise, {key: value for one in found for key, value in one.figures.items()})


def _line(plain: Mapping[str, Any]) -> LeakLine:
    passed = None if plain["passed"] is None else bool(plain["passed"])
    return LeakLine(
        str(plain["name"]), passed, str(plain["sentence"]), dict(plain["figures"]), bool(plain.get("warning", False))
    )
