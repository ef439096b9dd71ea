"""The pieces of evidence by name, and what each of them says: the part that plants share, and that weighings are fitted to."""

from __future__ import annotations

from collections.abc import Mapping

VERSION = 1
"""Of what the pieces mean: evidence and weighings of another version are refused."""

PIECES: Mapping[str, str] = {
    "level": "level of the watch list: what two days in a row say of the failure mode that explains most",
    "brief": "the same of the newest days alone",
    "short": "the same with half the memory",
    "long": "the same with a long memory",
    "before": "the same two and three weeks ago",
    "heard": "days that were heard",
    "lone": "the channel that stands out most, asked against all others",
    "whole": "all channels together",
    "rest": "what the failure modes still say without that channel",
    "rest_whole": "what all others together say",
    "rest_lone": "the next channel that stands out",
    "rest_slow": "`rest` with the watch list's own memory",
    "rest_whole_slow": "`rest_whole` with the watch list's own memory",
    "rest_lone_slow": "`rest_lone` with the watch list's own memory",
    "second": "what the failure modes say without the two strongest channels",
    "second_whole": "what all channels but these two say",
    "rest_share": "how much of the whole is left without the strongest",
    "size": "how far the strongest channel is away, in spreads",
    "last_week": "where it was some days ago, as a share of that",
    "week_before": "where it was the week before",
    "weeks_before": "where it was in the two weeks before that",
    "step": "its greatest rise within two days",
    "rough": "its mean change from day to day",
    "slope": "its slope a day",
    "bend": "how much faster it goes than before",
    "known_ways": "failure modes that move it this way",
    "company": "companions that the best of them has; -1 where none moves it this way",
}
NAMES = tuple(PIECES)
RISING = ("level", "brief", "short", "long")
"""More of these never speaks for a sound machine."""

FLOOR = 0.6
"""Machines of which no memory says so much of the limit are not asked: there is nothing to weigh."""
