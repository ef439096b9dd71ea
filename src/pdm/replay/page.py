"""A replay and a budget as pages that need nothing but a browser: sentences, tables, and charts drawn as SVG."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}"
    "table{border-collapse:collapse;margin:1rem 0}th,td{border-bottom:1px solid #d6dbe2;padding:.3rem .8rem;text-align:left}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}.note{background:#fff4d6;padding:.6rem 1rem;border-radius:.4rem}"
    "svg{max-width:100%;height:auto}.bar{fill:#2f6db5}.dot{fill:#8793a3}.best{fill:#c2410c}text{font:12px system-ui;fill:#4a5666}"
    "line{stroke:#d6dbe2}.limit{stroke:#c2410c;stroke-dasharray:4 3}"
)
_WORDS = {
    "recall": "failures found with sufficient lead",
    "precision": "alerts behind which there was what they said",
    "base_rate": "failures per asset-year (the base rate)",
    "alerts_per_week": "alerts a week",
    "alerts_per_year": "alerts per asset-year",
    "false_per_year": "false or wrong alerts per asset-year",
    "early_per_year": "early alerts per asset-year",
    "reopenings_per_year": "re-openings per asset-year",
    "cost_per_year": "cost per asset-year (failures, repairs and inspections that follow from the alerts)",
}


def replay_page(document: Mapping[str, Any], title: str) -> str:
    """The page of one `PolicyReport.document()`."""
    found = document["figures"]
    rows = [(words, _figure(found[name])) for name, words in _WORDS.items() if name in found]
    ways = [
        (name, f"{one['cost']:,.0f}", _figure(one["saved"], "{:,.0f}") if "saved" in one else "")
        for name, one in document["against"].items()
    ]
    missed = [
        (one["at"][:10], one["asset"], one["failure_mode"] or "not named", one["why"]) for one in document["missed"]
    ]
    weeks = document["alerts_each_week"]
    currency = document["against"].get("policy", {}).get("currency", "")
    parts = [
        f"<p>{document['start'][:10]} to {document['end'][:10]}: {html.escape(', '.join(document['classes']))}.</p>",
        _note(document["warning"]),
        "<h2>What it would have done</h2>",
        _table(("figure", "value, 90 % interval by asset"), rows),
        "<h2>Alerts each week</h2>",
        bars(weeks, [f"week {number + 1}: {count} alerts" for number, count in enumerate(weeks)]),
        "<h2>What became of the alerts</h2>",
        _table(("outcome", "alerts"), sorted(document["alerts_by_kind"].items()))
        if document["alerts_by_kind"]
        else "<p>None.</p>",
        f"<p>{document['reopenings']} re-openings.</p>",
        f"<h2>Cost{f' in {html.escape(currency)}' if currency else ''}, and what the policy would have saved against it</h2>",
        _table(("way to run the plant", "cost", "saved, 90 % interval"), ways),
        _limits(document["against"].get("limits", {})),
        "<p>Planned work that was done is paid for by each way. Run to failure is at least this dear: "
        "failures that planned work prevented are on nobody's record.</p>",
        f"<h2>Failures that no alert found in time: {len(missed)}</h2>",
        _table(("day", "asset", "failure mode", "nearest"), missed) if missed else "<p>None.</p>",
    ]
    return _page(title, parts)


def _limits(found: Mapping[str, Any]) -> str:
    """Which limits the policy was compared with."""
    if not found.get("rules"):
        return "<p>Limits: none on the raw readings would have saved anything before this time, by the failures on record then.</p>"
    rules = html.escape("; ".join(found["rules"]))
    return (
        f"<p>Limits, set by the failures on record before this time: {rules}. They raise {found['alerts']} alerts.</p>"
    )


def budget_page(document: Mapping[str, Any], title: str) -> str:
    """The page of an alert budget: every candidate as a dot, and the one that is proposed."""
    best = document["best"]
    dots = [(one["alerts_per_week"], one["found"][0], one == best) for one in document["trials"]]
    parts = [
        *(f"<p>{html.escape(sentence)}</p>" for sentence in document["sentences"]),
        "<h2>Failures found against alerts a week</h2>",
        scatter(dots, document["per_week"], "alerts a week", "failures found"),
        "<p>Each dot is one policy on the same scores; the dashed line is the budget.</p>",
    ]
    if best:
        names = ("raise_at", "clear_at", "raise_deviation", "persistence", "alerts_per_week", "unfounded")
        parts += ["<h2>The proposal</h2>", _table(("setting", "value"), [(name, best[name]) for name in names])]
    return _page(title, parts)


def bars(values: Sequence[float], told: Sequence[str]) -> str:
    """Bars side by side, each with its own words for whoever points at it."""
    if not values:
        return "<p>Nothing.</p>"
    top, width = max(max(values), 1), 720 / len(values)
    shapes = "".join(
        f'<rect class="bar" x="{40 + number * width:.1f}" y="{150 - 140 * value / top:.1f}" width="{max(width - 1, 0.8):.1f}" '
        f'height="{140 * value / top:.1f}"><title>{html.escape(words)}</title></rect>'
        for number, (value, words) in enumerate(zip(values, told, strict=True))
    )
    axis = f'<line x1="40" x2="760" y1="150" y2="150"/><text x="4" y="16">{top:g}</text><text x="4" y="154">0</text>'
    return (
        f'<svg viewBox="0 0 780 170" role="img" aria-label="{html.escape("; ".join(told[:60]))}">{axis}{shapes}</svg>'
    )


def scatter(dots: Sequence[tuple[float, float, bool]], limit: float, across: str, up: str) -> str:
    """Dots (x, y, marked) with a dashed line at `limit` on the x axis."""
    right = max([limit * 1.5, *(x for x, _, _ in dots if x <= 6 * limit)])
    top = max([1.0, *(y for _, y, _ in dots)])
    shapes = "".join(
        f'<circle class="{"best" if marked else "dot"}" cx="{60 + 680 * x / right:.1f}" cy="{240 - 220 * y / top:.1f}" '
        f'r="{6 if marked else 3.5}"><title>{x:g} {across}, {y:g} {up}</title></circle>'
        for x, y, marked in sorted(dots, key=lambda dot: dot[2])
        if x <= right
    )
    at = 60 + 680 * limit / right
    axis = (
        '<line x1="60" x2="740" y1="240" y2="240"/><line x1="60" x2="60" y1="20" y2="240"/>'
        f'<line class="limit" x1="{at:.1f}" x2="{at:.1f}" y1="20" y2="240"/>'
        f'<text x="330" y="268">{across} (to {right:.1f})</text><text x="4" y="14">{up} (to {top:g})</text>'
    )
    return f'<svg viewBox="0 0 780 280" role="img" aria-label="{up} against {across}, {len(dots)} policies">{axis}{shapes}</svg>'


def _figure(one: Mapping[str, Any], form: str = "{:.3g}") -> str:
    if one["value"] is None:
        return "nothing to count"
    low, high = (form.format(one[side]) if one[side] is not None else "?" for side in ("low", "high"))
    of = f", {one['of'][0]} of {one['of'][1]}" if one.get("of") else ""
    return f"{form.format(one['value'])} ({low} to {high}{of})"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    cells = "".join("<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return "<table><tr>" + "".join(f"<th>{html.escape(word)}</th>" for word in head) + f"</tr>{cells}</table>"


def _note(text: str) -> str:
    return f'<p class="note">{html.escape(text)}</p>' if text else ""


def _page(title: str, parts: Sequence[str]) -> str:
    said = html.escape(title)
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{said}</title><style>{_STYLE}</style><h1>{said}</h1>"
        + "".join(parts)
        + "</html>"
    )
