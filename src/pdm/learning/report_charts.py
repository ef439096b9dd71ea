"""The charts of a training report: one question each, its answer as a sentence above it, and the same figures as a table below."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pdm.learning import report_svg as svg
from pdm.learning.evaluation import View
from pdm.learning.report_picture import Picture, Reading, lower, percent, upper

_DOTS = 500
_BINS = 12
_TOP_CHANNELS = 12
_POLICIES = {
    "this model's alerts": "cost_per_year",
    "wait for the failure": "cost_run_to_failure",
    "best fixed interval": "cost_fixed_interval",
    "perfect knowledge": "cost_perfect",
}

_ALARMS = {"": "this model", "_limit": "a limit", "_ewma": "EWMA"}


def charts(view: View, shares: Mapping[str, float], reading: Reading) -> list[Picture]:
    """The charts of one view; one that would be empty is left out.

    A probability: reliability, lead time, alerts beside plain alarms, costs, importance. Remaining life: predicted against true,
    error by band, intervals by band, share of lives within a fifth of the truth on the way to the end (alpha-lambda), importance.
    """
    if view.kind == "failure_within":
        found = [_reliability(view), _leads(view, reading), _alarms(view), _costs(view, reading)]
    else:
        found = [
            _predicted_against_true(view, reading),
            _errors(view, reading),
            _intervals(view, reading),
            _alpha_lambda(view),
        ]
    return [picture for picture in [*found, _importance(shares, reading)] if picture]


def _reliability(view: View) -> Picture | None:
    rows = view.tables.get("reliability", [])
    if not rows:
        return None
    said, seen, low, high = (np.array([row[name] for row in rows]) for name in ("said", "seen", "low", "high"))
    top = min(float(max(said.max(), high.max(), 0.02)) * 1.08, 1.0)
    inside = int(((said >= low) & (said <= high)).sum())
    sentence = (
        f"Of {len(rows)} groups of answers, {inside} came true as often as was said (within the 90 % interval over assets); "
        f"on average said and seen lie {100 * view.metrics['ece']:.2g} points apart."
    )
    axes = svg.Axes((0.0, top), (0.0, top), "stated probability", "share that failed", percent=True, root=True)
    drawing = svg.plot(
        axes,
        sentence,
        svg.line(axes, [0.0, top], [0.0, top], "ideal"),
        svg.whiskers(axes, said, low, np.minimum(high, top)),
        svg.line(axes, said, seen, dots=True),
    )
    table = tuple(
        (percent(row["said"]), percent(row["seen"]), f"{percent(row['low'])} to {percent(row['high'])}") for row in rows
    )
    legend = (("c1", "seen, with 90 % interval"), ("ideal", "said is seen"))
    return Picture("Do stated chances come true?", sentence, drawing, ("stated", "seen", "interval"), table, legend)


def _leads(view: View, reading: Reading) -> Picture | None:
    if view.alerts is None or not view.alerts.leads:
        return None
    count, leads = view.alerts, np.sort(np.array(view.alerts.leads)) / reading.per
    top = float(leads.max(initial=1.0)) * 1.1
    planning = (reading.planning or {}).get(view.target, 0.0)
    ahead = int((leads * reading.per >= planning).sum())
    sentence = f"{count.found} of {count.failures} failures were found."
    if planning and count.found:
        sentence += f" {ahead} of them with the {reading.length(planning)} that planning and parts take."
    axes = svg.Axes(
        (0.0, top), (0.0, 1.0), f"{reading.unit} before the failure", "failures already alerted", percent=True
    )
    x = np.concatenate([[0.0], np.repeat(leads, 2), [top]])
    y = np.repeat(np.arange(len(leads), -1, -1) / count.failures, 2)
    marks = [svg.band(axes, x, np.zeros(len(x)), y), svg.line(axes, x, y)]
    if 0 < planning / reading.per < top:
        marks.append(svg.rule(axes, "planning and parts", x=planning / reading.per))
    drawing = svg.plot(axes, sentence, *marks)
    table = tuple((svg.shown(lead), percent((len(leads) - place) / count.failures)) for place, lead in enumerate(leads))
    return Picture("How early is it known?", sentence, drawing, (f"{reading.unit} before", "alerted"), table)


def _alarms(view: View) -> Picture | None:
    """Found failures against false alerts, beside the alarms that a plant has anyway."""
    figures = {**view.baselines, **view.metrics}
    known = [
        (name, figures[f"false_per_year{key}"], figures[f"recall{key}"])
        for key, name in _ALARMS.items()
        if np.isfinite(figures.get(f"false_per_year{key}", np.nan)) and np.isfinite(figures.get(f"recall{key}", np.nan))
    ]
    if len(known) < 2 or known[0][0] != _ALARMS[""]:
        return None
    (_, false, found), others = known[0], known[1:]
    told = "; ".join(f"{name} {percent(share)} with {svg.shown(wrong)}" for name, wrong, share in others)
    sentence = f"It finds {percent(found)} with {svg.shown(false)} false alerts per asset-year; {told}."
    low, high = view.intervals.get("recall", (found, found))
    axes = svg.Axes(
        (0.0, max(wrong for _, wrong, _ in known) * 1.25 or 1.0),
        (0.0, 1.0),
        "false alerts per asset-year",
        "failures found",
        percent=True,
    )
    marks = [svg.whiskers(axes, [false], [low], [high])]
    for number, (name, wrong, share) in enumerate(known, 1):
        right = wrong > sum(axes.x) / 2
        at = axes.at_x(wrong) + (-8 if right else 8)
        marks += [
            svg.scatter(axes, [wrong], [share], f"c{number}", 5.0),
            svg.text(name, at, axes.at_y(share) - 6, "end" if right else "start"),
        ]
    rows = tuple((name, percent(share), svg.shown(wrong)) for name, wrong, share in known)
    headings = ("alarm", "failures found", "false alerts per asset-year")
    title = "Beside the alarms a plant has anyway"
    return Picture(title, sentence, svg.plot(axes, sentence, *marks), headings, rows)


def _costs(view: View, reading: Reading) -> Picture | None:
    figures = {**view.baselines, **view.metrics}
    known = [(name, figures[key]) for name, key in _POLICIES.items() if np.isfinite(figures.get(key, np.nan))]
    if len(known) < 2:
        return None
    rows = [(name, value, f"{svg.shown(round(value))} {reading.currency}") for name, value in known]
    (_, own), (rival, theirs) = known[0], min(known[1:3], key=lambda row: row[1])
    year = f"{reading.currency} per asset and year"
    if own <= theirs:
        sentence = f"Its alerts cost {svg.shown(round(own))} {year}, {_saved(own, theirs)} less than {lower(rival)}."
    else:
        sentence = (
            f"{upper(rival)} would be cheaper here: {svg.shown(round(theirs))} against {svg.shown(round(own))} {year}."
        )
    drawing = svg.lying_bars(rows, sentence, best=known[0][0])
    return Picture(
        "What does a year of one asset cost?", sentence, drawing, ("policy", "per asset and year"),
        tuple((name, words) for name, _, words in rows),
    )  # fmt: skip


def _predicted_against_true(view: View, reading: Reading) -> Picture | None:
    if not len(view.truth):
        return None
    truth, said = view.truth / reading.per, view.predicted / reading.per
    top = float(max(truth.max(), said.max(), 1e-9))
    edges = np.linspace(0.0, float(truth.max()) or 1.0, _BINS + 1)
    number = np.clip(np.searchsorted(edges, truth, side="right") - 1, 0, _BINS - 1)
    known = [place for place in range(_BINS) if (number == place).sum() >= 5]
    middles = (edges[:-1] + edges[1:]) / 2
    cut = np.array(
        [np.quantile(said[number == place], [0.05, 0.5, 0.95]) for place in known], dtype=np.float64
    ).reshape(-1, 3)
    chosen = np.linspace(0, len(truth) - 1, min(_DOTS, len(truth))).astype(np.int64)
    x = middles[known]
    sentence = (
        f"Typically {reading.length(view.metrics['mae'])} off (mean absolute error), "
        f"root mean square {reading.length(view.metrics['rmse'])}{_between(view, 'rmse', reading)}."
    )
    axes = svg.Axes((0.0, top), (0.0, top), f"true remaining life, {reading.unit}", f"predicted, {reading.unit}")
    drawing = svg.plot(
        axes,
        sentence,
        svg.scatter(axes, truth[chosen], said[chosen], "faint"),
        svg.band(axes, x, cut[:, 0], cut[:, 2]),
        svg.line(axes, [0.0, top], [0.0, top], "ideal"),
        svg.line(axes, x, cut[:, 1], "c1"),
    )
    table = tuple(
        (f"{svg.shown(edges[place])} to {svg.shown(edges[place + 1])}", *(svg.shown(one) for one in of))
        for place, of in zip(known, cut, strict=True)
    )
    legend = (
        ("c1", "median of the answers"),
        ("soft", "9 of 10 answers"),
        ("faint", "single answers"),
        ("ideal", "predicted is true"),
    )
    return Picture(
        "Predicted against true", sentence, drawing, (f"true, {reading.unit}", "5 %", "median", "95 %"), table, legend
    )


def _errors(view: View, reading: Reading) -> Picture | None:
    rows = view.tables.get("bands", [])
    if not rows:
        return None
    mae, bias, rmse = (np.array([row[name] for row in rows]) / reading.per for name in ("mae", "bias", "rmse"))
    last = rows[0]
    way = "too late" if last["bias"] > 0 else "too early"
    sentence = (
        f"Nearest to the end ({_band(last, reading)} left) it is {reading.length(last['mae'])} off, "
        f"on average {reading.length(abs(last['bias']))} {way}."
    )
    low, high = min(float(bias.min()), 0.0) * 1.1, float(max(mae.max(), bias.max())) * 1.12
    axes = svg.Axes(
        (0.0, float(len(rows))), (low, high or 1.0), f"true remaining life, {reading.unit}", f"error, {reading.unit}"
    )
    middles = [place + 0.5 for place in range(len(rows))]
    drawing = svg.plot(
        axes,
        sentence,
        svg.columns(axes, np.arange(len(rows) + 1.0), mae),
        svg.line(axes, [0.0, float(len(rows))], [0.0, 0.0], "zero"),
        svg.line(axes, middles, bias.tolist(), "c2", dots=True),
        x_names=[_band(row, reading, unit=False) for row in rows],
    )
    table = tuple(
        (_band(row, reading), f"{row['rows']:.0f}", *(svg.shown(float(one)) for one in figures))
        for row, *figures in zip(rows, mae, bias, rmse, strict=True)
    )
    headings = ("true remaining life", "rows", "mean absolute", "mean (+ is late)", "root mean square")
    legend = (("fill", "mean absolute error"), ("c2", "mean error: above zero it promises too much"))
    return Picture("Error by true remaining life", sentence, drawing, headings, table, legend)


def _intervals(view: View, reading: Reading) -> Picture | None:
    rows = view.tables.get("bands", [])
    if not rows or "coverage90" not in rows[0]:
        return None
    cover, wide = (np.array([row[name] for row in rows]) for name in ("coverage90", "width90"))
    sentence = (
        f"{percent(view.metrics['coverage90'])} of the true lives lie inside the 90 % interval; "
        f"it is {reading.length(view.metrics['width90'])} wide on average."
    )
    axes = svg.Axes(
        (0.0, float(len(rows))), (0.0, 1.0), f"true remaining life, {reading.unit}", "inside the interval", percent=True
    )
    drawing = svg.plot(
        axes,
        sentence,
        svg.columns(axes, np.arange(len(rows) + 1.0), cover),
        svg.rule(axes, "90 % promised", y=0.9),
        x_names=[_band(row, reading, unit=False) for row in rows],
    )
    table = tuple(
        (_band(row, reading), percent(float(inside)), svg.shown(float(width) / reading.per))
        for row, inside, width in zip(rows, cover, wide, strict=True)
    )
    headings = ("true remaining life", "inside", f"mean width, {reading.unit}")
    return Picture("Do the intervals hold what they promise?", sentence, drawing, headings, table)


def _alpha_lambda(view: View) -> Picture | None:
    points = [point for point in view.tables.get("alpha_lambda", []) if point["lives"]]
    if len(points) < 2:
        return None
    way, within = [point["way"] for point in points], [point["within"] for point in points]
    half = int(np.argmin(np.abs(np.asarray(way) - 0.5)))
    lives = f"{points[half]['lives']:.0f} lives"
    sentence = f"Half way to the end, {percent(within[half])} of {lives} are told within a fifth of the truth."
    axes = svg.Axes((0.0, 1.0), (0.0, 1.0), "share of the way from the cap to the end", "within a fifth", percent=True)
    drawing = svg.plot(axes, sentence, svg.line(axes, way, within, dots=True))
    table = tuple(
        (percent(float(one)), percent(float(two)), f"{p['lives']:.0f}")
        for one, two, p in zip(way, within, points, strict=True)
    )
    return Picture(
        "Does it get better towards the end? (alpha-lambda)",
        sentence,
        drawing,
        ("way", "within a fifth", "lives"),
        table,
    )


def _importance(shares: Mapping[str, float], reading: Reading) -> Picture | None:
    top = [
        (reading.channel(name), share, percent(share))
        for name, share in list(shares.items())[:_TOP_CHANNELS]
        if share > 0
    ]
    if not top:
        return None
    first = "; ".join(f"{name} {words}" for name, _, words in top[:3])
    sentence = f"Most of what the trees gained came from {first}."
    drawing = svg.lying_bars(top, sentence)
    rows = tuple((name, words) for name, _, words in top)
    return Picture("What it looks at", sentence, drawing, ("channel", "share of gain"), rows)


def _band(row: Mapping[str, float], reading: Reading, *, unit: bool = True) -> str:
    low, high = svg.shown(row["from"] / reading.per), row["to"] / reading.per
    words = f"{low}–{svg.shown(high)}" if np.isfinite(high) else f"over {low}"
    return f"{words} {reading.unit}" if unit else words


def _between(view: View, name: str, reading: Reading) -> str:
    if name not in view.intervals:
        return ""
    low, high = (svg.shown(bound / reading.per) for bound in view.intervals[name])
    return f", 90 % interval {low} to {high}"


def _saved(own: float, other: float) -> str:
    return percent(1 - own / other) if other > 0 else "nothing"
