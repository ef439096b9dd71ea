"""The command that prints the savings ledger."""

from __future__ import annotations

from pdm.cli.common import HERE, Home, Json, answer, open_plant, table


def savings(home: Home = HERE, as_json: Json = False) -> None:
    """Print what closed cases saved or cost, each with its interval and its assumptions."""
    from pdm.views.savings import savings as read

    ledgers = read(open_plant(home, quiet=True))
    parts = []
    for one in ledgers:
        rows = [
            (
                line.case_id,
                line.asset,
                line.outcome,
                f"{line.value:,.0f}",
                f"{line.low:,.0f} to {line.high:,.0f}",
                line.by,
            )
            for line in one.lines
        ]
        headings = ("case", "asset", "outcome", one.currency, "interval", "verdict by")
        total = f"total {one.value:,.0f} {one.currency}, between {one.low:,.0f} and {one.high:,.0f}"
        said = dict.fromkeys(text for line in one.lines for text in line.assumptions)
        parts.append("\n".join([table(rows, headings), total, "", "Assumptions:", *(f"* {text}" for text in said)]))
    answer(ledgers, "\n\n".join(parts) or "no case has a verdict yet", as_json=as_json)
