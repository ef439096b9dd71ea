"""What an import found, in numbers that add up and in plain sentences that say what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from pdm.records.matching import FOUND, Match

WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")

_SHOWN = 5
_ENOUGH = 20
"""Fewer closings than this have no weekday worth a word."""

_HABIT = 0.4
_BATCH = 8


@dataclass(frozen=True)
class LabelYield:
    """What the records of one class say about one failure mode ("" where none could be read).

    from_code, from_text: where the mode came from. severity_known: failures whose as-found severity is known.
    """

    asset_class: str
    failure_mode: str
    failures: int
    from_code: int
    from_text: int
    severity_known: int


@dataclass(frozen=True)
class MappingShown:
    """The mapping of one list: where it is kept, whether this import has proposed it, its text, codes that it does not name yet."""

    path: Path
    proposed: bool
    text: str
    new_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecordsReport:
    """One import from the maintenance system.

    rows_read = rows_used + rows_quarantined + rows_passed_over (an older version of a record, or a record that stands twice).
    furniture: lines that are paper, not records: titles, page headers, totals. matched: how -> records. shares are of records
    that name a machine. orphans, fuzzy: (as written, records), (as written, asset that it may be).
    """

    files: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    rows_read: int = 0
    rows_used: int = 0
    rows_passed_over: int = 0
    rows_quarantined: int = 0
    furniture: int = 0
    matched: Mapping[str, int] = field(default_factory=dict)
    share_matched: float = 0.0
    orphans: tuple[tuple[str, int], ...] = ()
    fuzzy: tuple[tuple[str, str], ...] = ()
    booked_on_parent: int = 0
    booked_on_sister: int = 0
    events: Mapping[str, int] = field(default_factory=dict)
    events_new: int = 0
    events_revised: int = 0
    events_duplicate: int = 0
    events_voided: int = 0
    failures: int = 0
    code_blank: int = 0
    code_other: int = 0
    code_disagrees: int = 0
    start_equals_creation: int = 0
    starts: int = 0
    entered_late: int = 0
    closings: int = 0
    closing_day: str = ""
    closing_share: float = 0.0
    batch_days: tuple[tuple[str, int], ...] = ()
    orders_without_notification_list: int = 0
    assets_new: int = 0
    installations: int = 0
    overlapping: tuple[str, ...] = ()
    types_without_class: tuple[tuple[str, int], ...] = ()
    plans: int = 0
    labels: tuple[LabelYield, ...] = ()
    mappings: tuple[MappingShown, ...] = ()
    matches_file: Path | None = None
    quarantine_file: Path | None = None
    reasons: tuple[tuple[str, int], ...] = ()
    advice: tuple[str, ...] = ()


def match_figures(matches: Sequence[Match]) -> dict[str, object]:
    """The fields of a report that say who was recognised."""
    counts = Counter(match.how for match in matches)
    named = len(matches) - counts.get("blank", 0)
    return {
        "matched": {how: counts[how] for how in sorted(counts)},
        "share_matched": sum(counts[how] for how in FOUND) / named if named else 0.0,
        "orphans": tuple(Counter(match.written for match in matches if match.how == "orphan").most_common(20)),
        "fuzzy": tuple(sorted({(match.written, match.candidates[0]) for match in matches if match.how == "fuzzy"})),
        "booked_on_parent": sum(match.booked_on_parent for match in matches),
        "booked_on_sister": sum(match.booked_on_sister for match in matches),
    }


def habit_figures(records: pd.DataFrame, zone: str) -> dict[str, object]:
    """The fields of a report that say how people keep their records: default dates, late entries, batches.

    zone: whose weekdays count.
    """
    entered = records["created"].fillna(records["noted"])
    both = records["started"].notna() & entered.notna()
    corrective = records["kind"].isin(["failure", "repair"])
    same = both & ((records["started"] - entered).abs() < pd.Timedelta(minutes=1))
    closed = records["finished"].fillna(records["closed"]).dropna().dt.tz_convert(zone)
    weekdays = closed.dt.day_of_week.value_counts()
    day, share = (int(weekdays.index[0]), float(weekdays.iloc[0] / len(closed))) if len(closed) >= _ENOUGH else (0, 0.0)
    days = closed.dt.strftime("%Y-%m-%d").value_counts()
    usual = float(days.median()) if len(days) else 0.0
    batches = days[(days >= _BATCH) & (days >= 4 * usual)]
    return {
        "starts": int((both & corrective).sum()),
        "start_equals_creation": int((same & corrective).sum()),
        "entered_late": int((corrective & ((entered - records["started"]) > pd.Timedelta(days=3))).sum()),
        "closings": len(closed),
        "closing_day": WEEKDAYS[day] if share > _HABIT else "",
        "closing_share": share,
        "batch_days": tuple((str(name), int(count)) for name, count in batches.items()),
    }


def label_figures(failed: pd.DataFrame, classes: Mapping[str, str]) -> dict[str, object]:
    """The fields of a report that say what learning gets. failed: the records that became failures."""
    rows = failed.assign(asset_class=[classes.get(tag, "") for tag in failed["asset"].tolist()])
    groups = rows.groupby(["asset_class", "failure_mode"], sort=True)
    labels = tuple(
        LabelYield(
            str(name[0]),
            str(name[1]),
            len(group),
            int(group["label_from"].eq("code").sum()),
            int(group["label_from"].eq("text").sum()),
            int(group["severity"].ne("").sum()),
        )
        for name, group in groups
    )
    return {
        "failures": len(rows),
        "code_blank": int(rows["code_says"].eq("blank").sum()),
        "code_other": int(rows["code_says"].eq("other").sum()),
        "code_disagrees": int(rows["disagrees"].astype(bool).sum()),
        "labels": labels,
    }


_REASONS = (
    ("booked on", "booked on a parent of several machines"),
    ("is no machine on record", "resembles a machine on record: needs a yes or no"),
    ("unknown asset", "names a machine that is not on record"),
    ("names no machine", "names no machine"),
    ("nobody has said what type", "its type is not in [kinds] of the mapping"),
    ("cells where the header has", "its cells do not fit the header"),
    ("no date says", "no date says when it happened"),
    ("is no time", "a date that cannot be read"),
    ("in the future", "a date that lies in the future"),
    ("does not exist in", "an hour that the clock skipped"),
    ("lies above itself", "lies above itself: a circle of parents"),
    ("before it existed", "installed before its machine existed"),
    ("left before it came", "removed before it was installed"),
)


def reason_figures(reasons: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Reasons of quarantine by kind, most frequent first."""
    words = (next((words for sign, words in _REASONS if sign in reason), reason) for reason in reasons)
    return tuple(Counter(words).most_common(10))


def advice(report: RecordsReport) -> tuple[str, ...]:
    """What someone should do about it, the largest gain first."""
    said: list[str] = []
    named = sum(report.matched.values()) - report.matched.get("blank", 0)
    if report.fuzzy:
        pairs = "; ".join(f"{written} = {asset}?" for written, asset in report.fuzzy[:_SHOWN])
        said.append(
            f"{len(report.fuzzy)} spellings resemble a machine ({pairs}): answer yes or no in {report.matches_file} and import again."
        )
    if report.orphans:
        names = ", ".join(f"{written} ({count})" for written, count in report.orphans[:_SHOWN])
        said.append(
            f"{sum(count for _, count in report.orphans)} records name machines that are not on record: {names}. "
            "Import the equipment list first, or register them."
        )
    if report.booked_on_parent:
        lost = report.matched.get("parent", 0)
        said.append(
            f"{_of(report.booked_on_parent, named)} records are booked on a parent; {report.booked_on_parent - lost} could be given "
            "to one machine by the text. Ask for bookings on the machine itself."
        )
    if report.booked_on_sister:
        said.append(
            f"{_of(report.booked_on_sister, named)} records are booked on one machine while their text begins with another's tag: "
            "the text was believed."
        )
    poor = report.code_blank + report.code_other
    if report.failures and poor:
        read = sum(label.from_text for label in report.labels)
        said.append(
            f"{_of(poor, report.failures)} failures have a damage code that is blank or 'other'; for {read} the text gave a failure "
            "mode, flagged as such. A short list of codes per machine class helps more than a long one."
        )
    unlabelled = sum(label.failures for label in report.labels if not label.failure_mode)
    if unlabelled:
        said.append(
            f"{_of(unlabelled, report.failures)} failures have no failure mode of models/: look at [parts] and [mechanisms] of the mapping."
        )
    unknown = report.failures - sum(label.severity_known for label in report.labels)
    if unknown:
        said.append(
            f"{_of(unknown, report.failures)} failures do not say how bad it was; they count as failures. Fill in [priority] or "
            "[severities] of the mapping, or keep the breakdown flag."
        )
    if report.code_disagrees:
        said.append(
            f"In {report.code_disagrees} failures the text names another part than the code: the code was taken."
        )
    if report.starts and report.start_equals_creation / report.starts > 0.1:
        said.append(
            f"{_of(report.start_equals_creation, report.starts)} malfunctions began the minute they were entered: a default, not a time. "
            "Lead times measured on them are too kind."
        )
    if report.entered_late:
        said.append(
            f"{report.entered_late} malfunctions were entered more than three days late; a replay sees them only then."
        )
    if report.closing_day:
        said.append(
            f"{report.closing_share:.0%} of {report.closings} closings fall on {report.closing_day}: repair times are those of the desk, "
            "not of the workshop."
        )
    if report.batch_days:
        days = ", ".join(f"{day} ({count})" for day, count in report.batch_days[:_SHOWN])
        said.append(f"Closed in batches: {days}.")
    if report.orders_without_notification_list:
        said.append(
            f"{report.orders_without_notification_list} corrective orders refer to notifications that were never imported: "
            "export IW29 too, the failures stand there."
        )
    if report.types_without_class:
        names = ", ".join(f"{word} ({count})" for word, count in report.types_without_class[:_SHOWN])
        said.append(
            f"Object types without an asset class are no machines here: {names}. Give those that are watched a class in [classes]."
        )
    if report.overlapping:
        said.append(
            f"{len(report.overlapping)} installations overlap: {'; '.join(report.overlapping[:3])}. The later one ends the earlier one."
        )
    for mapping in report.mappings:
        if mapping.new_codes:
            shown = ", ".join(mapping.new_codes[:_SHOWN])
            said.append(
                f"{mapping.path} does not name {len(mapping.new_codes)} codes ({shown}): the proposal was used for them."
            )
    return tuple(said)


def sentences(report: RecordsReport) -> list[str]:
    """The report for people."""
    lines = [
        f"{report.rows_read:,} records of {', '.join(report.lists)} read ({report.furniture:,} lines of paper passed over): "
        f"{report.rows_used:,} used, {report.rows_quarantined:,} in quarantine, {report.rows_passed_over:,} known in a newer version"
    ]
    if report.matched:
        ways = ", ".join(f"{count:,} {how}" for how, count in report.matched.items())
        lines.append(f"machines: {report.share_matched:.1%} of records matched ({ways})")
    if report.events or report.events_voided:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in report.events.items())
        lines.append(
            f"events: {kinds}; {report.events_new:,} new, {report.events_revised:,} changed, {report.events_duplicate:,} known "
            f"already, {report.events_voided:,} taken back"
        )
    if report.assets_new or report.installations:
        lines.append(
            f"assets and installations: {report.assets_new:,} new or changed, {report.installations:,} installations read"
        )
    if report.plans:
        lines.append(f"maintenance plans: {report.plans:,}")
    lines += [
        f"  failures of class {label.asset_class}, {label.failure_mode or 'mode unknown'}: {label.failures:,} "
        f"({label.from_code:,} by code, {label.from_text:,} by text, severity known of {label.severity_known:,})"
        for label in report.labels
    ]
    lines += ["  ! " + sentence for sentence in report.advice]
    if report.rows_quarantined:
        lines.append(f"quarantine, each row with its reason: {report.quarantine_file}")
        lines += [f"  {count:,} x {reason}" for reason, count in report.reasons]
    lines += [
        f"mapping {'proposed, please read it' if mapping.proposed else 'as kept'}: {mapping.path}"
        for mapping in report.mappings
    ]
    return lines


def _of(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,} ({part / whole:.0%})" if whole else f"{part:,}"
