"""Whether we were right: derived from what was found and done, never typed in."""

from __future__ import annotations

from collections.abc import Sequence

from pdm.alerts.alert import UNSPECIFIED, Alert
from pdm.feedback.verdict import Outcome, Verdict

RIGHT: frozenset[Outcome] = frozenset({"confirmed", "averted", "early"})
"""Outcomes in which the alert pointed at real damage."""


def derive(verdict: Verdict, alerts: Sequence[Alert] = ()) -> Outcome:
    """What a verdict says about the alerts of its case.

    | as found | outcome |
    |---|---|
    | sensor fault, process change | the same word |
    | nothing, and the suspected item was opened or measured | false |
    | nothing, but nobody looked | undecided |
    | damage of another failure mode than any that was suspected | undecided: the suspicion itself was not examined |
    | incipient damage | early: right, but there was time |
    | degraded, and repaired or replaced | averted: it had not failed yet |
    | anything else | confirmed |
    """
    if verdict.found == "sensor fault" or verdict.found == "process change":
        return verdict.found
    if verdict.found == "nothing":
        return "false" if verdict.inspected else "undecided"
    suspected = {alert.failure_mode for alert in alerts}
    if verdict.failure_mode and suspected and not suspected & {verdict.failure_mode, UNSPECIFIED}:
        return "undecided"
    if verdict.severity == "incipient":
        return "early"
    if verdict.severity == "degraded" and verdict.action in ("repaired", "replaced"):
        return "averted"
    return "confirmed"
