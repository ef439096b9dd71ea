"""Which preventive tasks may be proposed for later, because the machine is known to be well; and which never are, whatever it says.

Statutory, safety-critical, proof-test, calibration and lubrication tasks are never offered: a good score of a bearing says nothing
about a relief valve or a scale, and grease is what keeps the score good. The rule reads German and English plan texts, in doubt
towards *not* offering, and a flag of the plant stands above it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pdm.alerts.alert import UNSPECIFIED
from pdm.catalogue import Axis
from pdm.catalogue.planning import DeferralTerms
from pdm.records.planning import PlannedTask
from pdm.scoring.assessment import Assessment
from pdm.work.curve import FailureCurve, failure_curve

AHEAD = timedelta(days=60)
"""Tasks due further ahead than this are nobody's question yet."""

State = Literal["proposed", "approved", "declined"]

NEVER: tuple[tuple[str, str], ...] = (
    (
        "statutory",
        r"statutor|legally|legal req|regulat(?:ory|ion)|by law|mandatory|compliance|notified body|certif|insurance (?:insp|surv)|"
        r"pressure (?:vessel|equipment)|\bpssr\b|\bloler\b|\bpuwer\b|\bosha\b|\bepa\b|emission|lifting (?:gear|equipment|tackle)|"
        r"gesetz|behoerd|vorgeschrieben|pruefpflicht|wiederkehrende pruef|betrsichv|dguv|\bbgv|\buvv\b|tuev|\btuv\b|\bzues\b|"
        r"sachverstaendig|sachkundig|befaehigte person|druckbehaelter|druckgeraet|ueberwachungsbeduerftig|stoerfall|awsv|bimsch|"
        r"abnahme|emissions|kranpruef|hebezeug|anschlagmittel",
    ),
    (
        "safety-critical",
        r"safety|relief valve|bursting disc|\bpsv\b|\bprv\b|\besd\b|\bsis\b|\bsif\b|emergency|interlock|\btrip\b|fire|sprinkler|"
        r"explosion|\batex\b|\bex[- ](?:insp|equip|zone)|gas detect|leak detect|rescue|evacuation|alarm|lightning|earthing|guard|"
        r"sicherheit|berstscheibe|not[- ]?(?:aus|halt|strom|beleucht|dusche|abschalt)|verriegel|schutzeinricht|schutzschalt|"
        r"schutzabdeck|brand|feuer|loesch|ex[- ]?(?:schutz|pruef|bereich)|gaswarn|gasmeld|leckwarn|rettung|blitzschutz|erdung|"
        r"ueberfuell",
    ),
    (
        "proof test",
        r"proof[- ]?test|\bsil[ -]?[1-4]?\b|stroke test|stroking|function(?:al)? (?:test|check)|trip test|loop (?:test|check)|"
        r"overspeed|pressure test|hydro(?:static )?test|test run|funktions(?:pruef|test|probe)|wiederholungspruef|pruefnachweis|"
        r"ausloese|ueberdrehzahl|druckpruef|druckprobe|dichtheitspruef|probelauf",
    ),
    (
        "calibration",
        r"calibrat|recalib|verification|zero[- ](?:point|check)|span (?:check|adjust)|metrolog|weights and measures|"
        r"kalibr|\beich|geeicht|nacheich|justier|abgleich|nullpunkt|messmittel|messstellenpruef",
    ),
    (
        "lubrication",
        r"lubric|\blube\b|greas|\boil\b|\boils\b|\boiling\b|schmier|fett|(?<![bhkmsv])oel",
    ),
)
"""Reason -> pattern on the text without case and umlauts; the first that fits is told."""

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e"})
_CYCLES: dict[str, float] = {
    "D": 1, "DAY": 1, "DAYS": 1, "TAG": 1, "TAGE": 1, "T": 1,
    "W": 7, "WK": 7, "WEEK": 7, "WEEKS": 7, "WCH": 7, "WOCHE": 7, "WOCHEN": 7,
    "M": 30.4, "MON": 30.4, "MONTH": 30.4, "MONTHS": 30.4, "MONAT": 30.4, "MONATE": 30.4,
    "Y": 365.25, "YR": 365.25, "YEAR": 365.25, "YEARS": 365.25, "A": 365.25, "J": 365.25, "JHR": 365.25, "JAHR": 365.25, "JAHRE": 365.25,
}  # fmt: skip


@dataclass(frozen=True)
class Deferral:
    """A proposal to do one preventive task later. The maintenance system owns the date: approving says yes, a planner moves it there.

    approver: the person who is asked by name; nobody else may decide, and never the one who proposed it.
    """

    id: str
    source: str
    plan: str
    asset: str
    text: str
    due: datetime
    until: datetime
    risk: float
    state: State
    approver: str
    proposed_by: str
    proposed_at: datetime
    decided_at: datetime | None = None
    why: str = ""
    version: int = 0


@dataclass(frozen=True)
class Candidate:
    """One task that may be proposed. until: the latest new date. risk: P(failure of any mode before it)."""

    task: PlannedTask
    until: datetime
    risk: float


def never_deferred(text: str, flag: str = "", words: Sequence[str] = ()) -> str:
    """Why a task is never offered, "" when nothing speaks against it. flag: what the plant itself says; words: its own.

    >>> never_deferred("Sicherheitsventil prüfen"), never_deferred("Abschmieren Lager"), never_deferred("Riemenspannung prüfen")
    ('safety-critical', 'lubrication', '')
    """
    if flag:
        return flag
    plain = _plain(text)
    if not plain:
        return "without a text nobody can tell what it is"
    own = next((word for word in words if word.strip() and _plain(word) in plain), "")
    if own:
        return f"the plant's own word {own!r}"
    return next((reason for reason, pattern in NEVER if re.search(pattern, plain)), "")


def cycle_of(task: PlannedTask) -> timedelta | None:
    """How often the task comes, None when the plan does not say it in days, weeks, months or years.

    >>> cycle_of(PlannedTask("sap", "1", "P-1", cycle="6", unit="MON")).days
    182
    >>> cycle_of(PlannedTask("sap", "1", "P-1", cycle="500", unit="H")) is None
    True
    """
    days = _CYCLES.get(task.unit.strip().upper().rstrip("."))
    try:
        count = float(task.cycle.replace(",", "."))
    except ValueError:
        return None
    return timedelta(days=count * days) if days and count > 0 else None


def whole_curve(assessment: Assessment, axis: Axis, *, now: datetime) -> FailureCurve | None:
    """P(failure of any mode), the worse of the remaining-life curve and of all modes' own probabilities together."""
    life = (
        failure_curve(assessment, UNSPECIFIED, axis, now=now) if assessment.curve or assessment.remaining_life else None
    )
    curves = [failure_curve(assessment, risk.mode, axis, now=now) for risk in assessment.risks]
    known = [curve for curve in curves if curve is not None]
    if not known:
        return life
    hours = sorted({hour for curve in known for hour in curve.hours})
    together = FailureCurve(
        now, tuple(hours), tuple(sum(float(curve.cumulative(hour)) for curve in known) for hour in hours), "all modes"
    )
    if life is None:
        return together
    return max(life, together, key=lambda curve: float(curve.cumulative(AHEAD / timedelta(hours=1))))


def candidate(
    task: PlannedTask,
    assessment: Assessment | None,
    axis: Axis,
    terms: DeferralTerms,
    *,
    flag: str = "",
    busy: str = "",
    now: datetime,
) -> Candidate | str:
    """The candidate, or why there is none, in words. flag: the plant's own reason; busy: what is open on the machine."""
    if never := never_deferred(task.text, flag, terms.words):
        return f"never deferred: {never}"
    if task.due is None or not now <= task.due <= now + AHEAD:
        return "not due in the next weeks"
    cycle = cycle_of(task)
    if cycle is None:
        return "its cycle is not on the calendar"
    if assessment is None or assessment.data != "fresh" or assessment.model != "ok":
        return "nobody knows how the machine is now"
    if busy or assessment.condition != "normal":
        return busy or f"the machine's condition is {assessment.condition}"
    curve = whole_curve(assessment, axis, now=now)
    if curve is None:
        return "nobody knows how likely a failure is"
    wanted = min(
        task.due + min(cycle * terms.share, terms.longest), now + timedelta(hours=min(curve.reaches(terms.risk), 1e5))
    )
    if wanted < task.due + terms.shortest:
        return f"the risk of failure passes {terms.risk:.0%} too soon"
    until = wanted.replace(minute=0, second=0, microsecond=0)
    return Candidate(task, until, curve.until(until))


def deferral_id(task: PlannedTask) -> str:
    """The same task and due date always give the same id."""
    due = task.due.isoformat() if task.due else ""
    return "de-" + hashlib.sha256(f"{task.source}|{task.plan}|{task.asset}|{due}".encode()).hexdigest()[:16]


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.casefold().translate(_UMLAUTS)).strip()
