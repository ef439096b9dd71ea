"""The plant's own definitions, written from its settings: `features/<class>.toml` and `models/<class>.toml`, cheap to replay."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

from pdm.simulation.honest.settings import ChannelSettings, ClassSettings, ModeSettings, PlantSettings

HORIZON = "14d"


def write_definitions(settings: PlantSettings, home: Path) -> tuple[Path, ...]:
    """Write both files of every class into the plant's own rooms; returns them."""
    written = []
    for machine in settings.machine:
        for room, text in (("features", features_toml(machine)), ("models", model_toml(machine, settings))):
            path = home / room / f"{machine.name}.toml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return tuple(written)


def features_toml(machine: ClassSettings) -> str:
    """What is measured: two windows every six hours, fewer than a hundred features."""
    head = [
        f"name = {_text(machine.name)}",
        f"title = {_text(machine.title)}",
        "",
        "[axis]",
        'kind = "time"',
        'step = "1h"',
        "",
        "[running]",
        f"channel = {_text(machine.running_channel)}",
        f"above = {machine.running_above:g}",
        'settle = "2h"',
    ]
    windows = [
        "",
        "[features]",
        "running_only = true",
        'windows = [{ duration = "24h", every = "6h", min_rows = 4 }, { duration = "7d", every = "6h", min_rows = 16 }]',
        "",
        "[features.calculators]",
        "mean = true",
        "standard_deviation = true",
        "maximum = true",
        'linear_trend = [{ attr = "slope" }]',
    ]
    plain = [
        line
        for channel in machine.channel
        if channel.role != "condition"
        for line in ("", f"[features.per_channel.{channel.name}]", "mean = true")
    ]
    channels = [line for channel in machine.channel for line in _channel(channel, machine.export == "narrow")]
    return "\n".join([*head, *channels, *windows, *plain]) + "\n"


def model_toml(machine: ClassSettings, settings: PlantSettings) -> str:
    """What is predicted: a failure of each mode within two weeks, and the remaining life; the test months stay out of training."""
    modes = [mode.name for mode in machine.mode]
    head = [f"asset_class = {_text(machine.name)}", f"title = {_text('Failures: ' + machine.title.lower())}"]
    targets = [
        line
        for name in modes
        for line in (
            "",
            "[[target]]",
            f'name = "{name}_within_14d"',
            'kind = "failure_within"',
            f"modes = [{_text(name)}]",
            f'horizon = "{HORIZON}"',
        )
    ]
    cost = max(mode.cost_unplanned for mode in machine.mode)
    rest = [
        "",
        "[[target]]",
        'name = "remaining_life"',
        'kind = "remaining_life"',
        f"modes = {json.dumps(modes)}",
        'cap = "45d"',
        'grid = ["3d", "7d", "14d", "21d", "30d", "42d"]',
        "",
        "[costs]",
        f"missed_failure = {cost:g}",
        f"planned_repair = {min(mode.cost_planned for mode in machine.mode):g}",
        "false_alert = 400",
        'currency = "EUR"',
        "",
        "[split]",
        f'test_from = "{_test_from(settings)}"',
        f'gap = "{HORIZON}"',
        "folds = 4",
        "",
        "[learner]",
        "rounds = 120",
        "learning_rate = 0.06",
        "leaves = 15",
        "min_rows_in_leaf = 60",
        "feature_fraction = 0.4",
        "row_stride = 2",
        "",
        "[policy]",
        "raise_at = 0.5",
        "clear_at = 0.25",
        # Scored once a day, a second assessment costs a day; the watch list asks two days by itself.
        "persistence = [1, 1]",
    ]
    return "\n".join([*head, *(line for mode in machine.mode for line in _mode(mode)), *targets, *rest]) + "\n"


def _test_from(settings: PlantSettings) -> str:
    first = date.fromisoformat(settings.period.start[:10])
    return (first + timedelta(days=settings.period.days - settings.period.test_days)).isoformat()


def _channel(channel: ChannelSettings, by_exception: bool) -> list[str]:
    lines = [
        "",
        "[[channel]]",
        f"name = {_text(channel.name)}",
        f"title = {_text(channel.title)}",
        f"unit = {_text(channel.unit)}",
        f"low = {channel.low:g}",
        f"high = {channel.high:g}",
    ]
    if by_exception and channel.dead_band:
        lines += ['sampling = "exception"', f"dead_band = {channel.dead_band:g}"]
    return lines if channel.role == "condition" else [*lines, f"role = {_text(channel.role)}"]


def _mode(mode: ModeSettings) -> list[str]:
    return [
        "",
        "[[failure_mode]]",
        f"name = {_text(mode.name)}",
        f"title = {_text(mode.title)}",
        f"maintainable_item = {_text(mode.maintainable_item)}",
        f"mechanism = {_text(mode.mechanism)}",
        f"mode = {_text(mode.mode)}",
        'counts_as_failure = ["critical", "degraded"]',
        f"next_step = {_text(mode.next_step)}",
        f'planning_time = "{mode.planning_hours:g}h"',
        f'parts_time = "{mode.parts_hours:g}h"',
        # An engineer knows which way a failure moves what is measured, not how far.
        "signs = { "
        + ", ".join(f'{channel} = "{"+" if shift > 0 else "-"}"' for channel, shift in mode.signature.items())
        + " }",
    ]


def _text(value: str) -> str:
    # A JSON string is a TOML string.
    return json.dumps(value, ensure_ascii=False)
