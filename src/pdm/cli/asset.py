"""`plantpdm look ASSET`: what is thought of one asset, as its page says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdm.cli.common import HERE, Home, Json, answer, open_plant, table

if TYPE_CHECKING:
    from pdm.views.ahead import Ahead
    from pdm.views.asset import AssetPage


def look(
    asset: Annotated[str, typer.Argument(help="The asset's tag, such as P-101.")],
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Say what is thought of one asset: condition, risks and their rung, what would fail first and by when, and why."""
    from pdm.views.asset import asset_page

    page = asset_page(open_plant(home), asset)
    answer(_document(page), "\n".join(_lines(page)), as_json=as_json)


def _lines(page: AssetPage) -> list[str]:
    state, standing = page.words, page.standing
    lines = [
        f"{page.asset.asset}: {state.condition}, {state.equipment}, data {state.data}, model {state.model}; assessed {page.assessed}"
    ]
    lines += [state.why] if state.why else []
    lines += [*page.risks, *page.deviations]
    if page.life:
        lines.append(f"remaining life: {f'{page.life.until}, ' if page.life.until else ''}{page.life.sentence}")
    if page.ahead:
        lines += _ahead(page.ahead)
    elif page.race:
        lines.append(page.race.sentence)
    lines += [f"because: {reason.sentence}" for reason in page.reasons]
    if page.rung:
        lines.append(f"rung: {page.rung}{f', {page.rung_why}' if page.rung_why else ''}")
    if standing.owner and standing.review_by:
        lines.append(f"model {page.bundle}, owner {standing.owner}, review by {standing.review_by:%Y-%m-%d}")
    lines += [sentence for sentence in (standing.overdue, *page.blind, *page.quality_flags) if sentence]
    return lines


def _ahead(ahead: Ahead) -> list[str]:
    rows = [(row.horizon, *row.chances) for row in ahead.rows]
    return [*ahead.sentences, table(rows, ("within", *ahead.headings)), *ahead.notes]


def _document(page: AssetPage) -> dict[str, Any]:
    coming = page.ahead.incidence if page.ahead else None
    return {
        "asset": page.asset.asset,
        "words": page.words,
        "risks": page.risks,
        "deviations": page.deviations,
        "remaining_life": page.life.sentence if page.life else "",
        "ahead": {"horizons": coming.horizons, "modes": dict(coming.modes), "whole": coming.whole} if coming else None,
        "reasons": [reason.sentence for reason in page.reasons],
        "rung": page.rung,
        "rung_why": page.rung_why,
        "not_predictable": page.blind,
        "bundle": page.bundle,
        "owner": page.standing.owner,
        "review_by": page.standing.review_by,
        "overdue": page.standing.overdue,
        "quality_flags": page.quality_flags,
    }
