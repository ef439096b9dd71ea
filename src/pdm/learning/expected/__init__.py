"""What a sound machine would show in this load and weather: expected values, their bands, and what is left over.

    readings ──> healthy rows ──> one regression per channel, for the class ──> each machine's own level and gains
                                                                  └──> residual = reading - expected, in units of its spread

Nothing here needs a failure on record. Baselines are frozen when the model is fitted: what happens afterwards is never learnt as normal.
"""

from pdm.learning.expected.apply import Expected, expect
from pdm.learning.expected.fit import fit_expected
from pdm.learning.expected.healthy import healthy_rows
from pdm.learning.expected.model import ChannelModel, ExpectedModel, Own

__all__ = ["ChannelModel", "Expected", "ExpectedModel", "Own", "expect", "fit_expected", "healthy_rows"]
