"""What the challenger would have said in use, beside what the champion did say: the last look before a promotion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd
import pyarrow.dataset as ds

from pdm.errors import TooLittleData
from pdm.operations.score_shadow import TABLE
from pdm.ports import Plant
from pdm.registry.shelf import BundleShelf
from pdm.scoring.assessment import Assessment


@dataclass(frozen=True)
class ShadowLine:
    """One asset and failure mode, over all moments at which both were asked.

    champion, challenger: mean probability. champion_above, challenger_above: moments at or above the alert threshold.
    """

    asset: str
    mode: str
    moments: int
    champion: float
    challenger: float
    champion_above: int
    challenger_above: int

    @property
    def apart(self) -> float:
        return abs(self.challenger - self.champion)


@dataclass(frozen=True)
class ShadowReport:
    """Both models at the same moments.

    moments: pairs of answers. agree: share of pairs on the same side of the threshold. only_challenger, only_champion: pairs in
        which one alone would have been above it. lines: the assets and modes on which they differ most come first.
    """

    asset_class: str
    champion: str
    challenger: str
    since: datetime
    moments: int
    agree: float
    only_challenger: int
    only_champion: int
    lines: tuple[ShadowLine, ...]


def compare_shadow(plant: Plant, asset_class: str, *, since: timedelta = timedelta(days=30)) -> ShadowReport:
    """Champion and challenger at the moments at which both have answered, newest `since` long.

    Raises:
        TooLittleData: there is no challenger, or it has not been asked yet.
        NotFound: no such class.
    """
    definition = plant.catalogue.model(asset_class)
    aliases = BundleShelf(plant.workspace.bundles).aliases(asset_class)
    start = plant.clock.now() - since
    shadow = _shadow(plant, asset_class, aliases.challenger or "", start)
    if shadow.empty:
        raise TooLittleData(
            f"the challenger of class {asset_class} has not answered anything yet",
            hint="train one; every round of scoring then asks it beside the champion, unless score_challenger is off",
        )
    said = _said(plant, shadow, aliases.champion or "", start)
    both = shadow.merge(said, on=["asset", "as_of", "mode", "horizon"], suffixes=("", "_champion"))
    if both.empty:
        raise TooLittleData(f"champion and challenger of class {asset_class} were never asked at the same moment")
    limit = definition.policy.raise_at
    both = both.assign(above=both["probability"] >= limit, above_champion=both["probability_champion"] >= limit)
    lines = [
        ShadowLine(
            str(asset),
            str(mode),
            len(rows),
            float(rows["probability_champion"].mean()),
            float(rows["probability"].mean()),
            int(rows["above_champion"].sum()),
            int(rows["above"].sum()),
        )
        for (asset, mode), rows in both.groupby(["asset", "mode"])
    ]
    return ShadowReport(
        asset_class,
        aliases.champion or "",
        aliases.challenger or "",
        start,
        len(both),
        float((both["above"] == both["above_champion"]).mean()),
        int((both["above"] & ~both["above_champion"]).sum()),
        int((~both["above"] & both["above_champion"]).sum()),
        tuple(sorted(lines, key=lambda line: (-line.apart, line.asset, line.mode))),
    )


def _shadow(plant: Plant, asset_class: str, version: str, start: datetime) -> pd.DataFrame:
    """What the challenger said, once per moment however often it was asked."""
    dataset = plant.history.dataset(TABLE)
    if dataset is None:
        return pd.DataFrame()
    chosen = (ds.field("asset_class") == asset_class) & (ds.field("bundle") == version) & (ds.field("as_of") >= start)
    frame: pd.DataFrame = dataset.to_table(filter=chosen).to_pandas()
    return frame[frame["probability"].notna()].drop_duplicates(["asset", "as_of", "mode", "horizon"])


def _said(plant: Plant, shadow: pd.DataFrame, version: str, start: datetime) -> pd.DataFrame:
    """What the champion said about the same assets."""
    found: list[Assessment] = []
    with plant.unit_of_work() as work:
        for asset in sorted(set(shadow["asset"])):
            found += work.assessments.history(asset, start, plant.clock.now())
    rows = [
        {
            "asset": one.asset,
            "as_of": one.as_of,
            "mode": risk.mode,
            "horizon": risk.horizon,
            "probability": risk.probability,
        }
        for one in found
        if one.bundle == version
        for risk in one.risks
    ]
    columns = ["asset", "as_of", "mode", "horizon", "probability"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(as_of=pd.to_datetime(frame["as_of"], utc=True).astype(shadow["as_of"].dtype))
