"""The watch list: how far each machine stands from what is expected of a sound one, over days, without any failure on record.

    standardised residuals ──> means of a day ──> less what all sisters do ──> fading mean ──> signals ──> level (1 = the limit)

A signal asks one question: does this channel stand alone away from what the others explain, do all together, or do those that a
failure mode is known to move. Its limit is what machines with nothing on record pass at the stated rate.
"""

from pdm.learning.watch.blocks import Blocks, block_means, common_part, fade
from pdm.learning.watch.fit import fit_watch
from pdm.learning.watch.learn import Learnt, learn_watch, learnt_from
from pdm.learning.watch.model import Watch, watch_from
from pdm.learning.watch.rows import Rows, aligned, watch_rows
from pdm.learning.watch.signals import Signals, lasting, signals
from pdm.learning.watch.standing import Away, Standing, lookback, read_back, stand, standings
from pdm.learning.watch.weighing import Weighing, weighing_from

__all__ = [
    "Away",
    "Blocks",
    "Learnt",
    "Rows",
    "Signals",
    "Standing",
    "Watch",
    "Weighing",
    "aligned",
    "block_means",
    "common_part",
    "fade",
    "fit_watch",
    "lasting",
    "learn_watch",
    "learnt_from",
    "lookback",
    "read_back",
    "signals",
    "stand",
    "standings",
    "watch_from",
    "watch_rows",
    "weighing_from",
]
