"""Judging alerts against the truth of a simulated plant, and beside what a plant can have without them.

The definitions, all of which have a test with numbers worked out by hand:

lead needed      planning time + parts time of the failure.
deadline         F - lead needed, or the moment at which somebody else ended the life, if that came first.
judged           a failure whose deadline lies after the start of the period and whose F lies within it.
counts           an alert on the right asset, of the right mode or `unspecified`, raised in [onset - tolerance, deadline].
standing         an alert that is open when the period begins is taken as raised in its first moment.
early            counts, but was raised more than the horizon before F. It is not false.
late             after the deadline, until tolerance after the end of the life. Something is found, but too late.
wrong mode       where an early, timely or late alert would lie, but naming another mode: it is inspected and does not count.
false            no potential failure of the asset at that moment. Once per episode (asset and mode, gaps up to 14 days).
repeat           a further alert about a failure, or within an episode: counted apart, in nothing else.
detectable       judged, and the best detector could have been sure before the deadline (`detectable_from`).
recall           failures found by an alert that counts, of the detectable ones; beside it, of all judged ones.
censored         not found, but ended by the incumbent before the last chance F - lead needed: nobody can know. Recall of all
                 failures takes them as missed; `recall_all_upper` takes them as found.
precision        in time + early + late, of these and the false and wrong-mode ones: would an inspection have found something?
cost             see `bill`; every alert without a failure to find costs an inspection.
alone, beside    without the incumbent (what it averted would have failed), and on top of it (whoever acts first).
achievable       from the best of incumbent, age replacement, limit and EWMA rules, to perfect knowledge; see `saving`.
"""

from pdm.simulation.judge.figures import Figure, figures
from pdm.simulation.judge.matching import alert_table
from pdm.simulation.judge.oracle import oracle_alerts
from pdm.simulation.judge.policies import age_replacement, incumbent, perfect, run_to_failure
from pdm.simulation.judge.protocol import Months, Stamp, Standing, months, standing
from pdm.simulation.judge.saving import best_baseline, savings
from pdm.simulation.judge.terms import Period, Prices, Terms
from pdm.simulation.judge.tuning import Rules, ewma_rules, limit_rules
from pdm.simulation.judge.verdicts import Verdicts, judge

__all__ = [
    "Figure",
    "Months",
    "Period",
    "Prices",
    "Rules",
    "Stamp",
    "Standing",
    "Terms",
    "Verdicts",
    "age_replacement",
    "alert_table",
    "best_baseline",
    "ewma_rules",
    "figures",
    "incumbent",
    "judge",
    "limit_rules",
    "months",
    "oracle_alerts",
    "perfect",
    "run_to_failure",
    "savings",
    "standing",
]
