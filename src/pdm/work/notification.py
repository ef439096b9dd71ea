"""What people are told: one message for a burst, not five hundred.

An *intent* is a row of the outbox, written in the transaction of whatever it tells about: an alert was raised. A *notification* is
composed from all the intents of one group that have come together; there is at most one per group and interval.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pdm.audit.entry import AuditEntry
from pdm.readings.registry import Asset
from pdm.work.bridge import Message

INTENT = "intent"
"""Topic of what somebody should hear of; it waits to be gathered."""
NOTIFICATION = "notification"
"""Topic of what has been composed; it waits to be sent."""
MOST_LINES = 40
"""More lines than that nobody reads: the rest is counted, and stands on the page."""

_TOLD = {"raise": "raised", "retrip": "back", "expire": "no longer shelved", "escalate": "still unanswered"}


@dataclass(frozen=True)
class Notification:
    """One message to people. key: the same one for every repetition. urgent: it may disturb in quiet hours."""

    key: str
    group: str
    title: str
    text: str
    urgent: bool = False


def intent(entry: AuditEntry) -> Message | None:
    """What people should hear of an audit entry; None when it is nothing to them.

    Told are alerts that begin to wait for somebody: raised, back after they had returned, no longer shelved, still unanswered; and
    questions to operations.
    """
    kind, _, identity = entry.subject.partition(":")
    if kind == "notice" and entry.verb == "ask":
        return _question(entry, identity)
    if kind != "alert" or entry.verb not in _TOLD:
        return None
    name = hashlib.sha256(f"{entry.subject}|{entry.verb}|{entry.at.isoformat()}".encode()).hexdigest()[:40]
    known = {key: entry.details.get(key, "") for key in ("asset", "failure_mode", "probability")}
    body = {"alert": identity, "verb": entry.verb, "why": entry.why, **known}
    return Message(f"intent-{name}", INTENT, f"IN-{name}", body, entry.at)


def _question(entry: AuditEntry, notice: str) -> Message:
    name = hashlib.sha256(f"{entry.subject}|{entry.verb}|{entry.at.isoformat()}".encode()).hexdigest()[:40]
    assets = [str(tag) for tag in entry.details.get("assets", ())]
    cause = str(entry.details.get("cause", ""))
    body = {"notice": notice, "verb": entry.verb, "why": entry.why, "assets": assets, "cause": cause}
    body["asset"] = assets[0] if assets else cause
    return Message(f"intent-{name}", INTENT, f"IN-{name}", body, entry.at)


def group_of(asset: Asset, cause: str = "") -> str:
    """Whose burst it is: a common cause, else the line, else the machine it is a part of, else the class.

    A cause that is only the line or the machine itself is no other group than the line's.

    >>> group_of(Asset("P-101", "pump", location="mill/line-1")), group_of(Asset("P-102", "pump", parent="C-1"))
    ('mill/line-1', 'parts of C-1')
    """
    if cause and cause not in (asset.location, asset.asset):
        return f"common cause: {cause}"
    if asset.location:
        return asset.location
    return f"parts of {asset.parent}" if asset.parent else f"class {asset.asset_class}"


def compose(
    group: str, intents: Sequence[Message], assets: Mapping[str, Asset], *, now: datetime, base_url: str, urgent: bool
) -> Notification:
    """One message for all that came together, what matters most first.

    The key comes from what it tells, so that it is the same however often it is composed.
    """
    questions = [one for one in intents if "notice" in one.body]
    ordered = sorted((one for one in intents if "notice" not in one.body), key=lambda one: _weight(one, assets))
    names = "|".join(sorted(one.key for one in intents))
    key = "NT-" + hashlib.sha256(f"{group}|{names}".encode()).hexdigest()[:16].upper()
    machines = sorted({tag for one in intents for tag in _tags(one)})
    what = machines[0] if len(machines) == 1 else f"{len(machines)} machines"
    counts = [f"{number} {noun}{'s' * (number > 1)}" for number, noun in _counted(ordered, questions) if number]
    lines = [f"Question to operations: {one.body['why']}  (notice {one.body['notice']})" for one in questions]
    lines += [_line(one, assets, base_url) for one in ordered[:MOST_LINES]]
    if len(ordered) > MOST_LINES:
        rest = sorted({str(one.body["asset"]) for one in ordered[MOST_LINES:]})
        lines += ["", f"and {len(ordered) - MOST_LINES} more, on: {', '.join(rest)}"]
    if base_url:
        lines += ["", f"All of them: {base_url.rstrip('/')}/alerts"]
    lines.append(f"Reference {key}, {now:%Y-%m-%d %H:%M} UTC")
    return Notification(key, group, f"{' and '.join(counts)}: {what}, {group}", "\n".join(lines), urgent)


def _counted(alerts: Sequence[Message], questions: Sequence[Message]) -> tuple[tuple[int, str], ...]:
    return (len(alerts), "alert"), (len(questions), "question")


def _tags(message: Message) -> list[str]:
    return [str(tag) for tag in message.body.get("assets") or (message.body["asset"],)]


def criticality(message: Message, assets: Mapping[str, Asset]) -> int:
    """How much the machines of an intent matter, 1 most; a machine that nobody registered is middling."""
    return min(assets[tag].criticality if tag in assets else 3 for tag in _tags(message))


def _weight(message: Message, assets: Mapping[str, Asset]) -> tuple[int, float, str]:
    return criticality(message, assets), -_probability(message.body), str(message.body["asset"])


def _probability(body: Mapping[str, Any]) -> float:
    value = body.get("probability")
    return float(value) if isinstance(value, int | float) else 0.0


def _line(message: Message, assets: Mapping[str, Asset], base_url: str) -> str:
    body = message.body
    asset = assets.get(str(body["asset"]))
    known = f" ({asset.description})" if asset and asset.description else ""
    mode = str(body["failure_mode"]).replace("_", " ")
    link = f"  {base_url.rstrip('/')}/alerts/{body['alert']}" if base_url else ""
    return f"{body['asset']}{known}: {mode}, {_TOLD[str(body['verb'])]}, risk {_probability(body):.0%}{link}"
