"""Put a model in charge: checked, compared with the one it replaces, approved by a person, on record."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from pdm.audit.entry import AuditEntry
from pdm.errors import BundleError, Conflict, InputError, MissingExtra, NotFound, StoreError, TooLittleData
from pdm.learning.ladder import RUNGS
from pdm.learning.leak_report import report_from
from pdm.operations.compare_models import compare_models
from pdm.operations.load_model import load_model
from pdm.ports import Plant, Tracker
from pdm.registry.bundle import Bundle
from pdm.registry.card import metrics
from pdm.registry.manifest import Manifest
from pdm.registry.promotion import Line, bounds, judge
from pdm.registry.shelf import BundleShelf

FIRST = "first model of the class: promoted by the one person there is, with no champion to compare it with"


@dataclass(frozen=True)
class Promotion:
    """Who was put in charge instead of whom, and why.

    previous: the version that stepped down, None for the first one. lines: every figure compared, with its reason.
    against: lines that failed, although a person put it in charge nevertheless. untold: why the tracker does not know of it.
    """

    asset_class: str
    version: str
    previous: str | None
    approved_by: str
    at: datetime
    reason: str
    lines: tuple[Line, ...]
    seconded_by: str = ""
    untold: str = ""

    @property
    def first(self) -> bool:
        return self.previous is None

    @property
    def against(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.passed is False)


def promote_model(
    plant: Plant,
    asset_class: str,
    version: str = "challenger",
    *,
    approved_by: str,
    seconded_by: str = "",
    reason: str = "",
    force: bool = False,
) -> Promotion:
    """Make a version the champion of its class, on the shelf and in the tracker, with an audit entry.

    version: a version id, or `challenger`. seconded_by: the second name that `four_eyes` asks for.
    force: promote although a line fails; the reason then must say why.
    The bundle is verified as scoring would verify it. If anything fails, the old champion stays in charge.

    Raises:
        NotFound: no such version, or no challenger.
        InputError: nobody approves, or a forced promotion gives no reason.
        BundleError: the bundle cannot be trusted.
        Conflict: it is in charge already, it fails against the champion, or its leak report is missing or failed (which no
            force overrules).
    """
    if not approved_by.strip():
        raise InputError("a promotion needs the name of the person who approves it", hint="approved_by=...")
    if force and not reason.strip():
        raise InputError("a promotion against the figures needs a reason", hint="reason=...")
    shelf = BundleShelf(plant.workspace.bundles)
    chosen = shelf.resolve(asset_class, version)
    previous = shelf.alias(asset_class, "champion")
    if previous == chosen:
        raise Conflict(f"{chosen} is the champion of {asset_class} already")
    challenger = load_model(plant, asset_class, chosen)
    manifest = challenger.manifest
    _refuse_leaks(manifest)
    lines = _second_name(plant, approved_by, seconded_by)
    if previous is None:
        lines += bounds(plant.catalogue.model(asset_class).gates, metrics(manifest))
    else:
        lines += (_other_eyes(manifest, approved_by), *_against_champion(plant, challenger, previous))
    why = "; ".join(part for part in (FIRST if previous is None else "", reason) if part)
    promotion = Promotion(asset_class, chosen, previous, approved_by, plant.clock.now(), why, lines, seconded_by)
    if promotion.against and not force:
        words = "; ".join(f"{line.name}: {line.reason}" for line in promotion.against)
        over = f" over {previous}" if previous else ""
        raise Conflict(f"{chosen} is not promoted{over}: {words}", hint="train a better one, or force it with a reason")
    return put_in_charge(plant, shelf, promotion, "promote")


def put_in_charge(plant: Plant, shelf: BundleShelf, promotion: Promotion, verb: str) -> Promotion:
    """Shelf, tracker and audit together: what one of them refuses, none of them keeps.

    Only going back waits for no tracker: it is needed in a hurry, and the shelf alone decides who scores.

    Raises:
        Conflict: somebody else was quicker, and the model it was compared with is not in charge any more.
    """
    entry = AuditEntry(
        at=promotion.at,
        who=promotion.approved_by,
        verb=verb,
        subject=f"model:{promotion.asset_class}",
        why=promotion.reason,
        details={
            "version": promotion.version,
            "previous": promotion.previous,
            "first": promotion.first,
            "seconded_by": promotion.seconded_by,
            "forced": bool(promotion.against),
            "lines": [asdict(line) for line in promotion.lines],
        },
    )
    tracker, untold = _tracker(plant, must=verb == "promote")
    with plant.unit_of_work() as work:
        work.audit.append(entry)  # takes the one write lock: whoever else promotes now waits here
        before = shelf.aliases(promotion.asset_class)
        if before.champion != promotion.previous:
            raise Conflict(
                f"{before.champion} was put in charge of {promotion.asset_class} meanwhile: {promotion.version} was held against "
                f"{promotion.previous or 'nobody'}",
                hint="do it again: it is compared with the one in charge now",
            )
        told = False
        try:
            if verb == "roll back":
                shelf.roll_back(promotion.asset_class)
            else:
                shelf.set_alias(promotion.asset_class, "champion", promotion.version)
            if tracker is not None:
                untold, told = _tell(tracker, promotion, must=verb == "promote"), True
            work.commit()
        except BaseException:
            shelf.restore(promotion.asset_class, before)
            if told and before.champion and tracker is not None:
                tracker.set_alias(promotion.asset_class, "champion", before.champion)
            raise
    return replace(promotion, untold=untold)


def _tracker(plant: Plant, *, must: bool) -> tuple[Tracker | None, str]:
    """The tracker, opened before anything is locked, since that takes seconds; going back does without where there is none."""
    try:
        return plant.tracker(), ""
    except (MissingExtra, StoreError) as error:
        if must:
            raise
        return None, str(error)


def _tell(tracker: Tracker, promotion: Promotion, *, must: bool) -> str:
    """Point the tracker's alias at the new champion. Returns why it could not be told, where going back does not wait for it."""
    try:
        tracker.set_alias(promotion.asset_class, "champion", promotion.version)
    except (StoreError, NotFound) as error:
        if must:
            raise
        return str(error)
    return ""


def tell_what_it_missed(plant: Plant, tracker: Tracker, asset_class: str) -> None:
    """Point the tracker's champion at the one in charge, which it does not know of when it was away during a rollback.

    Raises:
        StoreError: it is away still.
    """
    in_charge = BundleShelf(plant.workspace.bundles).alias(asset_class, "champion")
    if in_charge is None or tracker.alias(asset_class, "champion") == in_charge:
        return
    try:
        tracker.set_alias(asset_class, "champion", in_charge)
    except NotFound:
        return  # a bundle that was brought from elsewhere has no run here


def _against_champion(plant: Plant, challenger: Bundle, previous: str) -> tuple[Line, ...]:
    """Both on the same held-out rows, judged by the gate of the class; a champion that cannot be trusted any more must not stand
    in the way of its successor.
    """
    name = challenger.asset_class.name
    try:
        champion = load_model(plant, name, previous)
    except (BundleError, NotFound) as error:
        return (Line("comparison", None, None, None, f"the champion {previous} cannot be compared with: {error}"),)
    if not (challenger.manifest.targets and champion.manifest.targets):
        return (_by_rung(challenger, champion),)
    try:
        found = compare_models(plant, challenger, champion)
    except (TooLittleData, NotFound, BundleError) as error:
        return (Line("same held-out rows", False, None, None, str(error)),)
    notes = [Line("same held-out rows", True, None, None, ground) for ground in found.grounds]
    notes += [Line("not compared", None, None, None, reason) for reason in found.left_out]
    return (*notes, *judge(plant.catalogue.model(name).gates, found.compared))


def _by_rung(challenger: Bundle, champion: Bundle) -> Line:
    """Where one of the two answers no question about failures there are no common rows: the rungs are compared, which rest on a rule.

    What stands as high or higher may follow; a model does not give way to a watch list, nor that to age alone, without a reason.
    """
    higher = RUNGS.index(challenger.ladder.rung) >= RUNGS.index(champion.ladder.rung)
    passed = bool(challenger.manifest.targets) or (not champion.manifest.targets and higher)
    words = f"{challenger.ladder.rung} ({challenger.ladder.why}) after {champion.ladder.rung}"
    return Line("rung", passed, None, None, words)


def _second_name(plant: Plant, approved_by: str, seconded_by: str) -> tuple[Line, ...]:
    """The second name, where the plant has two people and its settings ask for it."""
    if not plant.settings.four_eyes:
        return ()
    first, second = approved_by.strip().casefold(), seconded_by.strip().casefold()
    if not second:
        return (Line("a second name", False, None, None, "four_eyes is set, and nobody has seconded it"),)
    if first == second:
        return (Line("a second name", False, None, None, f"{approved_by} cannot second themselves"),)
    return (Line("a second name", True, None, None, f"seconded by {seconded_by}"),)


def _refuse_leaks(challenger: Manifest) -> None:
    """A model that has seen the future, or that nobody has asked, is put in charge by no reason in the world.

    Raises:
        Conflict: its leak report is missing, incomplete or failed.
    """
    report = report_from(challenger.facts.get("leaks"))
    hint = "train it again with `plantpdm train`, which asks every question; docs/leak-guard.md explains them"
    if report is None:
        raise Conflict(f"{challenger.version} has no leak report", hint=hint)
    if report.missing:
        raise Conflict(
            f"the leak guard was not asked about {challenger.version}: {', '.join(report.missing)}", hint=hint
        )
    if report.failed:
        words = " ".join(line.sentence for line in report.failed)
        raise Conflict(f"the leak guard refuses {challenger.version}: {words}", hint=hint)


def _other_eyes(challenger: Manifest, approved_by: str) -> Line:
    """Whoever trained a model does not approve it alone."""
    passed = challenger.created_by.strip().casefold() != approved_by.strip().casefold()
    author = challenger.created_by or "nobody named"
    words = "was trained by" if passed else "was trained by the same person"
    return Line("approved by someone else", passed, None, None, f"it {words} ({author})")
