"""Chart data as the script in the page reads it."""

from __future__ import annotations

from typing import Any

from pdm.views.series import Chart


def chart_data(chart: Chart, zone: str) -> dict[str, Any]:
    """A chart as JSON: `low` and `high` only where a line has a band."""
    return {
        "title": chart.title,
        "unit": chart.unit,
        "x": chart.x,
        "x_unit": chart.x_unit,
        "time": chart.time,
        "zone": zone,
        "limits": chart.limits,
        "range": chart.range,
        "stacked": chart.stacked,
        "rest": chart.rest,
        "series": [
            {"title": line.title, "values": line.values, "low": line.low or None, "high": line.high or None}
            for line in chart.lines
        ],
    }
