"""The models of one class on a page: whose they are and until when, what they can and cannot answer, and why one was put in charge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pdm.audit.entry import AuditEntry
from pdm.catalogue import AssetClass, ModelDefinition
from pdm.errors import BundleError, NotFound
from pdm.learning.leak_report import QUESTIONS, report_from
from pdm.ports import Plant
from pdm.registry.card import ModelCard, hidden_by_repairs, model_card
from pdm.registry.keys import public_key
from pdm.registry.promotion import way
from pdm.registry.shelf import BundleShelf
from pdm.registry.signed import read_manifest
from pdm.views import words

_DECISIONS = 20
_MARKS = {True: "pass", False: "fail", None: "note"}


@dataclass(frozen=True)
class LeakRow:
    """One question of the leak guard with its answer."""

    question: str
    mark: str
    sentence: str


@dataclass(frozen=True)
class CardView:
    """One model's card in words. answers: what it was taught, from how much. silent: what it does not answer, and why.

    figures: name and value of those that decide a promotion. report: whether the report of its training is still there.
    """

    version: str
    owner: str
    trained: str
    review_by: str
    overdue: str
    rung: str
    rung_why: str
    answers: tuple[str, ...]
    silent: tuple[str, ...]
    notes: tuple[str, ...]
    made_of: tuple[tuple[str, str], ...]
    figures: tuple[tuple[str, str], ...]
    leaks: tuple[LeakRow, ...]
    report: bool


@dataclass(frozen=True)
class GateRow:
    """One line of the gate: a figure compared, and whether it passed."""

    name: str
    mark: str
    reason: str


@dataclass(frozen=True)
class Decision:
    """Who put which model in charge, when and why. verb: `promote` or `roll back`."""

    when: str
    who: str
    verb: str
    version: str
    why: str
    lines: tuple[GateRow, ...]


@dataclass(frozen=True)
class ModelPage:
    """problem: why the champion's card cannot be read; then it is None, as while nobody was promoted."""

    asset_class: str
    title: str
    champion: CardView | None
    challenger: CardView | None
    decisions: tuple[Decision, ...]
    problem: str = ""


def model_page(plant: Plant, asset_class: str) -> ModelPage:
    """The page of a class's models.

    Raises:
        NotFound: no such class.
    """
    known = plant.catalogue.asset_class(asset_class)
    found: dict[str, CardView | None] = {}
    problems = []
    for alias in ("champion", "challenger"):
        try:
            found[alias] = _card(plant, known, alias)
        except (BundleError, NotFound) as error:
            found[alias] = None
            problems.append(f"The card of the {alias} cannot be read: {error}")
    with plant.unit_of_work() as work:
        log = work.audit.list(subject=f"model:{asset_class}", limit=_DECISIONS)
    made = sorted(log, key=lambda entry: -entry.seq)
    return ModelPage(
        asset_class=asset_class,
        title=known.title,
        champion=found["champion"],
        challenger=found["challenger"],
        decisions=tuple(_decision(entry, plant.settings.time_zone) for entry in made),
        problem=" ".join(problems),
    )


def report_file(plant: Plant, asset_class: str, version: str) -> Path:
    """The report of a model's training.

    Raises:
        NotFound: no such model on the shelf, or its report is gone.
    """
    chosen = BundleShelf(plant.workspace.bundles).resolve(asset_class, version)
    file = plant.workspace.reports / asset_class / chosen / "report.html"
    if not file.is_file():
        raise NotFound(f"the report of {asset_class} {chosen} is not there", hint="restore reports/ from the backup")
    return file


def _card(plant: Plant, asset_class: AssetClass, alias: Literal["champion", "challenger"]) -> CardView | None:
    shelf = BundleShelf(plant.workspace.bundles)
    version = shelf.alias(asset_class.name, alias)
    if version is None:
        return None
    card = model_card(read_manifest(shelf.path(asset_class.name, version), public_key(plant.workspace)))
    model = plant.catalogue.models.get(asset_class.name)
    zone, now = plant.settings.time_zone, plant.clock.now()
    return CardView(
        version=card.version,
        owner=card.owner or "nobody named",
        trained=words.day(card.trained_at, zone),
        review_by=words.day(card.review_by, zone),
        overdue=_sentence(card.overdue(now)),
        rung=card.rung,
        rung_why=words.readable(card.rung_why, asset_class.axis, model),
        answers=tuple(_answer(name, card, model, asset_class) for name in card.targets),
        silent=tuple(
            _sentence(words.readable(one, asset_class.axis, model))
            for one in (*card.abstained.values(), *card.blind.values())
        ),
        notes=tuple(
            _sentence(words.readable(note, asset_class.axis, model))
            for note in (card.selection, *hidden_by_repairs(card.facts))
            if note
        ),
        made_of=_made_of(card, zone),
        figures=tuple((name, f"{value:.4g}") for name, value in sorted(card.metrics.items()) if way(name)),
        leaks=_leaks(card.facts),
        report=(plant.workspace.reports / asset_class.name / card.version / "report.html").is_file(),
    )


def _answer(name: str, card: ModelCard, model: ModelDefinition | None, asset_class: AssetClass) -> str:
    target = next((one for one in (model.targets if model else ()) if one.name == name), None)
    asked = words.question(target, asset_class.axis, model) if target else name.replace("_", " ")
    failures, lives = card.failures.get(name, 0), card.lives.get(name, 0)
    return f"{asked[:1].upper()}{asked[1:]}: learnt from {words.plural(failures, 'failure')} in {lives} lives."


def _made_of(card: ModelCard, zone: str) -> tuple[tuple[str, str], ...]:
    known = card.facts.get("known_at", "")
    rows = [
        ("Features", str(card.features)),
        ("Data versions", ", ".join(f"{name} {at}" for name, at in sorted(card.data_versions.items()) if at >= 0)),
        ("Known at", words.when(datetime.fromisoformat(str(known)), zone) if known else ""),
        ("Data, sha256", card.data_sha256[:16]),
        ("Code", card.code_version),
        ("Extraction", card.extraction_version),
    ]
    return tuple((name, value) for name, value in rows if value)


def _leaks(facts: Mapping[str, Any]) -> tuple[LeakRow, ...]:
    report = report_from(facts.get("leaks"))
    if report is None:
        return ()
    order = list(QUESTIONS)
    lines = sorted(report.lines, key=lambda line: order.index(line.name) if line.name in order else len(order))
    return tuple(LeakRow(QUESTIONS.get(line.name, line.name), line.mark, line.sentence) for line in lines)


def _decision(entry: AuditEntry, zone: str) -> Decision:
    second = entry.details.get("seconded_by", "")
    return Decision(
        when=words.when(entry.at, zone),
        who=f"{entry.who} and {second}" if second else entry.who,
        verb=f"{entry.verb}{', forced' if entry.details.get('forced') else ''}",
        version=str(entry.details.get("version", "")),
        why=entry.why,
        lines=tuple(
            GateRow(str(line["name"]), _MARKS.get(line["passed"], "note"), str(line["reason"]))
            for line in entry.details.get("lines", ())
        ),
    )


def _sentence(text: str) -> str:
    if not text:
        return ""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
