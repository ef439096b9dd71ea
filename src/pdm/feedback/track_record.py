"""How often the alerts of one class and failure mode were right, in one sentence beside each new one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median

from pdm.alerts.alert import Alert
from pdm.feedback.outcome import RIGHT, derive
from pdm.feedback.verdict import Outcome, Verdict


@dataclass(frozen=True)
class TrackRecord:
    """Alerts of one (class, failure mode) that a verdict has answered.

    outcomes: how many ended how. median_lead_days: from raising to finding, over the ones that were right; None without any.
    """

    asset_class: str
    failure_mode: str
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    median_lead_days: float | None = None

    @property
    def alerts(self) -> int:
        return sum(self.outcomes.values())

    @property
    def right(self) -> int:
        """Confirmed, averted or early: there was damage."""
        return sum(count for outcome, count in self.outcomes.items() if outcome in RIGHT)

    @property
    def sentence(self) -> str:
        """For people.

        >>> TrackRecord("pump", "bearing_wear", {"confirmed": 6, "averted": 5, "false": 3}, 19.2).sentence
        '14 alerts, 11 confirmed, median lead 19 days'
        """
        if not self.alerts:
            return "no alert of this kind has been answered yet"
        noun = "alert" if self.alerts == 1 else "alerts"
        sentence = f"{self.alerts} {noun}, {self.right} confirmed"
        if self.median_lead_days is None:
            return sentence
        days = f"{self.median_lead_days:.0f}" if self.median_lead_days >= 2 else f"{self.median_lead_days:.1f}"
        return f"{sentence}, median lead {days} days"


def track_record(alerts: Iterable[Alert], verdicts: Iterable[Verdict]) -> dict[tuple[str, str], TrackRecord]:
    """The record of every (class, failure mode) that has answered alerts.

    An alert is judged on its own: damage of another mode leaves it undecided. The last verdict on a case counts.
    """
    by_case = {verdict.case_id: verdict for verdict in sorted(verdicts, key=lambda verdict: verdict.recorded_at)}
    outcomes: dict[tuple[str, str], Counter[Outcome]] = defaultdict(Counter)
    leads: dict[tuple[str, str], list[float]] = defaultdict(list)
    for alert in alerts:
        verdict = by_case.get(alert.case_id)
        if verdict is None or alert.raised_at is None:
            continue
        key = alert.asset_class, alert.failure_mode
        outcome = derive(verdict, [alert])
        outcomes[key][outcome] += 1
        if outcome in RIGHT:
            leads[key].append((verdict.at - alert.raised_at).total_seconds() / 86400)
    return {
        key: TrackRecord(*key, dict(counts), median(leads[key]) if leads[key] else None)
        for key, counts in outcomes.items()
    }
