"""Notices: questions to operations, which come before any work request, because a process condition is no machine's fault.

One arises from sister assets that move together (*is it the process?*), and from failure modes that are process conditions
themselves, such as cavitation. A burst is one notice, not five hundred messages.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Literal

from pdm.alerts.alert import UNSPECIFIED, Alert
from pdm.errors import IllegalTransition
from pdm.readings.registry import Asset

Answer = Literal["process", "machine"]

FEWEST = 3
"""Two sisters that move together may be an accident."""
SHARE = 1 / 3
"""In a large fleet three of many are an accident too."""


@dataclass(frozen=True)
class Notice:
    """One question to operations.

    kind: `sisters` or `process`. suspicion: failure mode, or channel where no mode is known. cause: what the assets share
        (`cooling_water CW-1`, `line site/area/line-1`). assets, cases: whom it is about.
    answer: `process` (nothing is wrong with the machines) or `machine` (each is looked at for itself); empty while it is open.
    """

    id: str
    kind: Literal["sisters", "process"]
    asset_class: str
    suspicion: str
    cause: str
    title: str
    assets: tuple[str, ...]
    cases: tuple[str, ...]
    opened_at: datetime
    state: str = "open"  # open, answered
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None
    why: str = ""
    version: int = 0


def suspicion_of(alert: Alert) -> str:
    """What an alert suspects: its mode, or the channel that speaks loudest where no mode is known."""
    if alert.failure_mode != UNSPECIFIED:
        return alert.failure_mode
    deviations = alert.evidence.get("deviations") or []
    told = [channel for one in deviations for channel in one.get("channels", ())]
    told += [one["channel"] for one in alert.evidence.get("contributions") or [] if one.get("effect", 0) > 0]
    return told[0] if told else UNSPECIFIED


def shared_causes(asset: Asset, attributes: Sequence[str]) -> tuple[str, ...]:
    """What an asset shares with others: the named attributes that it has, then its line (its place without the last part).

    >>> shared_causes(Asset("P-1", "pump", location="site/area/line-1", attributes={"cooling_water": "CW-1"}), ("cooling_water",))
    ('cooling_water CW-1', 'site/area/line-1')
    """
    named = tuple(f"{name} {asset.attributes[name]}" for name in attributes if name in asset.attributes)
    return (*named, asset.location) if asset.location else named


def sisters_together(
    alerts: Iterable[Alert],
    assets: Mapping[str, Asset],
    *,
    now: datetime,
    window: timedelta,
    attributes: Sequence[str] = (),
    title: str = "assets",
) -> list[Notice]:
    """One notice for every suspicion that came up on several sisters (one class, one shared cause) within `window` before `now`.

    Of several shared causes the one counts that explains the most of its sisters.
    """
    moved: dict[tuple[str, str], dict[str, Alert]] = defaultdict(dict)
    for alert in alerts:
        if alert.raised_at is not None and now - window <= alert.raised_at <= now:
            moved[alert.asset_class, suspicion_of(alert)].setdefault(alert.asset, alert)
    found = []
    for (asset_class, suspicion), one in sorted(moved.items()):
        best = _best_cause(one, assets, asset_class, attributes)
        if best is not None:
            cause, members, sisters = best
            hours = window / timedelta(hours=1)
            said = f"{len(members)} of {sisters} {title} on {cause} moved within {hours:g} h: is it the process?"
            found.append(_notice("sisters", asset_class, suspicion, cause, said, [one[tag] for tag in members], now))
    return found


def process_notice(alert: Alert, title: str, now: datetime) -> Notice:
    """The question about a failure mode that is a process condition itself."""
    said = f"{alert.asset}: {title[:1].lower()}{title[1:]}, a process condition: what changed in operation?"
    return _notice("process", alert.asset_class, alert.failure_mode, alert.asset, said, [alert], now)


def joined(notice: Notice, more: Notice) -> Notice:
    """An open notice with the assets and cases that have come since; its title tells the newest count."""
    assets = tuple(sorted({*notice.assets, *more.assets}))
    cases = tuple(sorted({*notice.cases, *more.cases}))
    title = more.title if len(more.assets) >= len(notice.assets) else notice.title
    return replace(notice, assets=assets, cases=cases, title=title)


def answered(notice: Notice, answer: Answer, *, by: str, why: str, now: datetime) -> Notice:
    """The notice, answered by operations.

    Raises:
        IllegalTransition: it was answered before.
    """
    if notice.state != "open":
        raise IllegalTransition(
            f"notice {notice.id} was answered by {notice.answered_by}", hint="it cannot be answered twice"
        )
    return replace(notice, state="answered", answer=answer, answered_by=by, answered_at=now, why=why)


def _best_cause(
    moved: Mapping[str, Alert], assets: Mapping[str, Asset], asset_class: str, attributes: Sequence[str]
) -> tuple[str, list[str], int] | None:
    """The shared cause that explains most of its sisters: its name, who moved, and how many sisters there are."""
    by_cause: dict[str, list[str]] = defaultdict(list)
    for tag, asset in assets.items():
        if asset.asset_class == asset_class:
            for cause in shared_causes(asset, attributes):
                by_cause[cause].append(tag)
    candidates = []
    for cause, sisters in by_cause.items():
        members = sorted(tag for tag in sisters if tag in moved)
        if len(members) >= max(FEWEST, ceil(SHARE * len(sisters))):
            candidates.append((cause, members, len(sisters)))
    return max(candidates, key=lambda one: (len(one[1]), len(one[1]) / one[2], one[0]), default=None)


def _notice(
    kind: Literal["sisters", "process"],
    asset_class: str,
    suspicion: str,
    cause: str,
    title: str,
    alerts: Sequence[Alert],
    now: datetime,
) -> Notice:
    key = f"{kind}|{asset_class}|{suspicion}|{cause}|{now.isoformat()}"
    return Notice(
        id="no-" + hashlib.sha256(key.encode()).hexdigest()[:16],
        kind=kind,
        asset_class=asset_class,
        suspicion=suspicion,
        cause=cause,
        title=title,
        assets=tuple(sorted(alert.asset for alert in alerts)),
        cases=tuple(sorted({alert.case_id for alert in alerts if alert.case_id})),
        opened_at=now,
    )
