"""A proposal as the two TOML files that a plant goes on editing."""

from __future__ import annotations

import json

from pdm.onboarding.proposal import Measured, Proposal

_NO_PRICE = "# What mistakes cost is yours to say; with these round figures nothing is decided yet.\n"


def features_toml(proposal: Proposal) -> str:
    """`features/<class>.toml`: channels, running rule, windows and calculators."""
    axis, lengths = proposal.axis, proposal.lengths
    lines = [
        f"# Proposed from {proposal.rows:,} rows of {proposal.assets} machine(s). Correct titles, units, ranges and roles.",
        f"name = {_text(proposal.asset_class)}",
        f"title = {_text(proposal.asset_class.replace('_', ' ').capitalize())}",
        "",
        "[axis]",
        f"kind = {_text(axis.kind)}",
        f"step = {_text(_step(proposal))}",
    ]
    if axis.kind == "usage":
        lines += [f"unit = {_text(axis.unit)}", f"per_day = {axis.per_day:g}"]
    if proposal.running:
        lines += [
            "",
            "[running]",
            f"channel = {_text(proposal.running.channel)}",
            f"above = {proposal.running.above:g}",
        ]
    for item in proposal.measured:
        lines += ["", *_channel(item)]
    lines += ["", "[features]", f"running_only = {'true' if proposal.running else 'false'}", "windows = ["]
    every = _text(lengths.every) if isinstance(lengths.every, str) else lengths.every
    for window, rows in zip(lengths.windows, lengths.min_rows, strict=True):
        size = f"duration = {_text(window)}" if isinstance(window, str) else f"rows = {window}"
        lines.append(f"  {{ {size}, every = {every}, min_rows = {rows} }},")
    lines += [
        "]",
        "",
        "[features.calculators]",
        "mean = true",
        "standard_deviation = true",
        "maximum = true",
        "minimum = true",
        'linear_trend = [{ attr = "slope" }]',
        "",
        "# A machine is compared with its own beginning.",
        "[features.life]",
        f"baseline_rows = {lengths.baseline_rows}",
        "age = true",
        "",
    ]
    return "\n".join(lines)


def models_toml(proposal: Proposal) -> str:
    """`models/<class>.toml`: failure modes, targets, costs and policy."""
    lengths = proposal.lengths
    lines = [
        f"# Proposed from the files: {proposal.failures} failure(s) on record. Name modes and parts as your people do.",
        f"asset_class = {_text(proposal.asset_class)}",
        f"title = {_text(f'Failures of {proposal.asset_class}')}",
    ]
    for mode in proposal.modes:
        lines += [
            "",
            "[[failure_mode]]",
            f"name = {_text(mode.name)}",
            f"title = {_text(mode.title)}",
            f"maintainable_item = {_text(mode.item)}",
            *([f"mechanism = {_text(mode.mechanism)}"] if mode.mechanism else []),
        ]
    names = [mode.name for mode in proposal.modes]
    lines += [
        "",
        "[[target]]",
        'name = "fails_soon"',
        'kind = "failure_within"',
        f"modes = {json.dumps(names)}",
        f"horizon = {_text(lengths.horizon)}",
    ]
    if lengths.cap:
        lines += [
            "",
            "[[target]]",
            'name = "remaining_life"',
            'kind = "remaining_life"',
            f"modes = {json.dumps(names)}",
            f"cap = {_text(lengths.cap)}",
        ]
    lines += [
        "",
        _NO_PRICE + "[costs]",
        "missed_failure = 10000",
        "planned_repair = 1000",
        "false_alert = 100",
        'currency = "EUR"',
        "",
        "[split]",
        f"gap = {_text(lengths.gap)}",
        f"folds = {3 if proposal.assets < 10 else 5}",
        "",
        "[learner]",
        "rounds = 120",
        "min_rows_in_leaf = 40",
        "feature_fraction = 0.4",
        "",
        "[policy]",
        "raise_at = 0.5",
        "clear_at = 0.25",
        "persistence = [2, 3]",
        "",
    ]
    return "\n".join(lines)


def _channel(item: Measured) -> list[str]:
    channel = item.channel
    comment = f"# '{item.column}', seen {item.seen[0]:.4g} to {item.seen[1]:.4g}"
    if channel.unit == "1":
        comment += f"; its unit is not known{f' here ({item.unknown_unit})' if item.unknown_unit else ''}"
    lines = [
        comment,
        "[[channel]]",
        f"name = {_text(channel.name)}",
        f"title = {_text(channel.title)}",
        f"unit = {_text(channel.unit)}",
        f"low = {channel.low:g}",
        f"high = {channel.high:g}",
    ]
    return lines if channel.role == "condition" else [*lines, f"role = {_text(channel.role)}"]


def _step(proposal: Proposal) -> str:
    axis = proposal.axis
    if axis.kind == "usage":
        return f"{axis.step:g} {axis.unit}"
    seconds = round(axis.step * 3600)
    for size, word in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds % size == 0:
            return f"{seconds // size}{word}"
    return f"{seconds}s"


def _text(word: str) -> str:
    """A JSON string is a TOML string."""
    return json.dumps(word, ensure_ascii=False)
