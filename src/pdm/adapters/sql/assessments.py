"""Assessments as rows: written in batches, never changed, with the newest of every asset one join away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from pdm.adapters.sql import tables
from pdm.adapters.sql.engine import Transaction
from pdm.scoring.assessment import Assessment, Contribution, Deviation, Likeness, RemainingLife, Risk

_COLUMNS = (
    "asset",
    "asset_class",
    "as_of",
    "data_time",
    "data_usage",
    "equipment",
    "condition",
    "data",
    "model",
    "bundle",
)
_BATCH = 200
_REMEMBERED = 4096


class SqlAssessments:
    """Assessments as rows of `assessments`; `latest_assessments` points at the newest of each asset."""

    def __init__(self, work: Transaction, seen: dict[int, Assessment]) -> None:
        """`seen`: rows that were read before, shared by all units of work of one database: a row never changes."""
        self._work = work
        self._seen = seen

    def save(self, assessments: Sequence[Assessment]) -> None:
        rows = [_row(assessment) for assessment in assessments]
        keep_first = self._insert(tables.assessments).on_conflict_do_nothing()
        for start in range(0, len(rows), _BATCH):
            self._work.write(keep_first.values(rows[start : start + _BATCH]))
        self._point_at_newest(
            {assessment.asset: assessment for assessment in sorted(assessments, key=_moment)}.values()
        )

    def latest(self, asset: str | None = None) -> list[Assessment]:
        """The newest assessment of every asset (sorted by asset), or of one."""
        newest = tables.latest_assessments.c
        statement = select(newest.assessment_id).order_by(newest.asset)
        found = self._work.read(statement if asset is None else statement.where(newest.asset == asset))
        ids = [row.assessment_id for row in found]
        known = {number: self._seen[number] for number in ids if number in self._seen}
        known |= self._fetch([number for number in ids if number not in known])
        return [known[number] for number in ids]

    def history(self, asset: str, since: datetime, until: datetime) -> list[Assessment]:
        columns = tables.assessments.c
        statement = select(tables.assessments).where(columns.asset == asset, columns.as_of.between(since, until))
        return self._read(statement.order_by(columns.as_of, columns.id))

    def _read(self, statement: Select[Any]) -> list[Assessment]:
        return [_assessment(row) for row in self._work.read(statement)]

    def _fetch(self, ids: Sequence[int]) -> dict[int, Assessment]:
        """Rows by number, remembered for the next time unless this transaction may still take them back."""
        found: dict[int, Assessment] = {}
        for start in range(0, len(ids), _BATCH):
            chosen = tables.assessments.c.id.in_(ids[start : start + _BATCH])
            found |= {row.id: _assessment(row) for row in self._work.read(select(tables.assessments).where(chosen))}
        if not self._work.writing:
            if len(self._seen) + len(found) > _REMEMBERED:
                self._seen.clear()
            self._seen.update(found)
        return found

    def _insert(self, table: Table) -> Any:
        return (sqlite if self._work.dialect == "sqlite" else postgresql).insert(table)

    def _point_at_newest(self, newest: Iterable[Assessment]) -> None:
        """Move the pointers forward, never back: a late or repeated scoring of the past leaves them."""
        chosen = {(assessment.asset, assessment.as_of, assessment.bundle) for assessment in newest}
        if not chosen:
            return
        columns = tables.assessments.c
        stored = self._work.read(
            select(columns.id, columns.asset, columns.as_of, columns.bundle).where(
                columns.as_of.in_({as_of for _, as_of, _ in chosen}),
                columns.asset.in_({asset for asset, _, _ in chosen}),
            )
        )
        rows = [
            {"asset": row.asset, "as_of": row.as_of, "assessment_id": row.id}
            for row in stored
            if (row.asset, row.as_of, row.bundle) in chosen
        ]
        statement = self._insert(tables.latest_assessments)
        self._work.write(
            statement.on_conflict_do_update(
                index_elements=["asset"],
                set_={"as_of": statement.excluded.as_of, "assessment_id": statement.excluded.assessment_id},
                where=statement.excluded.as_of >= tables.latest_assessments.c.as_of,
            ),
            rows,
        )


def _moment(assessment: Assessment) -> datetime:
    return assessment.as_of


def _row(assessment: Assessment) -> dict[str, Any]:
    life = assessment.remaining_life
    return {name: getattr(assessment, name) for name in _COLUMNS} | {
        "body": {
            "risks": [risk.plain for risk in assessment.risks],
            "remaining_life": asdict(life) if life else None,
            "contributions": [[getattr(reason, name) for name in _REASON] for reason in assessment.contributions],
            "quality_flags": list(assessment.quality_flags),
            "rung": assessment.rung,
            "deviations": [[one.mode, one.level, list(one.channels), one.sentence] for one in assessment.deviations],
            "suspect_channels": list(assessment.suspect_channels),
            "curve": [list(point) for point in assessment.curve],
            "first": [risk.plain for risk in assessment.first],
            "similar": [[getattr(case, name) for name in _LIKENESS] for case in assessment.similar],
        },
        "features": assessment.features,
    }


_LIKENESS = ("asset", "at", "mode", "lead", "unit", "likeness")
_REASON = ("feature", "channel", "sentence", "value", "unit", "effect")


def _assessment(row: Row[Any]) -> Assessment:
    values = dict(row._mapping)
    del values["id"]
    body = values.pop("body")
    return Assessment(
        **values,
        risks=tuple(Risk(*risk) for risk in body["risks"]),
        remaining_life=_life(body["remaining_life"]),
        contributions=tuple(Contribution(*reason) for reason in body["contributions"]),
        quality_flags=tuple(body["quality_flags"]),
        rung=body["rung"],
        # Rows written before there was a watch list have neither.
        deviations=tuple(
            Deviation(mode, level, tuple(of), said) for mode, level, of, said in body.get("deviations", ())
        ),
        suspect_channels=tuple(body.get("suspect_channels", ())),
        curve=tuple((at, probability) for at, probability in body.get("curve", ())),
        # Nor do those from before modes raced each other, and before scores were likened to past cases.
        first=tuple(Risk(*risk) for risk in body.get("first", ())),
        similar=tuple(Likeness(*case) for case in body.get("similar", ())),
    )


def _life(values: dict[str, Any] | None) -> RemainingLife | None:
    if values is None:
        return None
    dates = {key: datetime.fromisoformat(values[key]) for key in _DATES if values[key] is not None}
    return RemainingLife(**values | dates)


_DATES = ("median_date", "low_date", "high_date")
