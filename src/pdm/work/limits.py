"""How many requests the maintenance system is sent: so many open ones per machine, so many a day. The rest waits, and says why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from pdm.catalogue.planning import Limits
from pdm.work.bridge import Message


def held_back(
    pending: Iterable[Message], open_there: Mapping[str, int], sent_today: int, limits: Limits
) -> dict[str, str]:
    """Key -> why this message waits, for messages in the order in which they would leave.

    open_there: asset -> requests that the receiver has and that are not done. What has left today or is about to counts.
    """
    there, today = Counter(open_there), sent_today
    reasons: dict[str, str] = {}
    for message in pending:
        asset = str(message.body.get("asset", ""))
        if limits.open_per_asset and there[asset] >= limits.open_per_asset:
            reasons[message.key] = (
                f"{there[asset]} work requests of {asset} are open in the maintenance system, the limit is "
                f"{limits.open_per_asset}: close one there first"
            )
        elif limits.per_day and today >= limits.per_day:
            reasons[message.key] = f"{today} work requests were handed over today, the limit is {limits.per_day} a day"
        else:
            there[asset] += 1
            today += 1
    return reasons
