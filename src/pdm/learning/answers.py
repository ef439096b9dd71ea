"""What a model has said about rows that it had not seen, kept beside its report: the ground on which two models are compared.

A finished model has learnt from everything, so that nothing on record can judge it any more. Its answers out of fold (new assets) and
those of its twin that knew the past alone (the same assets later) can; they are stored row by row with what was true.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pdm.errors import BundleError, NotFound
from pdm.learning.evaluation import Rows, View
from pdm.learning.model import Floats, RemainingLifeArrays

FILE_NAME = "answers.parquet"
KEY = ("target", "question", "asset", "position")
TRUTH = ("group", "remaining", "observed", "age", "life")
ANSWERS = ("answer", "low", "high")
COLUMNS = (*KEY, *TRUTH, *ANSWERS)


def held_out(view: View, names: Iterable[str], rows: Rows, answer: Floats | RemainingLifeArrays) -> pd.DataFrame:
    """The answers of one view, a row each, with `COLUMNS`.

    names: asset of every row. answer: P(failure) or remaining life of every row; low and high are NaN for a probability.
    """
    life = isinstance(answer, RemainingLifeArrays)
    nothing = np.full(len(rows.positions), np.nan)
    labels = rows.labels
    return pd.DataFrame(
        {
            "target": view.target,
            "question": view.question,
            "asset": np.array(list(names), dtype=object),
            "position": rows.positions,
            "group": rows.groups,
            "remaining": labels.remaining,
            "observed": labels.observed,
            "age": labels.age,
            "life": labels.life,
            "answer": answer.mean if isinstance(answer, RemainingLifeArrays) else answer,
            "low": answer.low if isinstance(answer, RemainingLifeArrays) else nothing,
            "high": answer.high if life and isinstance(answer, RemainingLifeArrays) else nothing,
        }
    )


def write_answers(folder: Path, answers: pd.DataFrame) -> Path:
    """Keep them in a folder; the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    columns = {name: pa.array(answers[name].to_numpy()) for name in COLUMNS}
    pq.write_table(pa.table(columns), path, compression="zstd")
    return path


def read_answers(folder: Path, sha256: str) -> pd.DataFrame:
    """The answers in a folder, as they were when the model was made.

    Raises:
        NotFound: they are not there.
        BundleError: they were changed since.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        raise NotFound(
            f"the held-out answers {path} are not there", hint="restore reports/ from the backup, or train again"
        )
    try:
        frame: pd.DataFrame = pq.read_table(path).to_pandas()[list(COLUMNS)]
    except (pa.ArrowInvalid, OSError, KeyError) as error:
        raise BundleError(
            f"{path} cannot be read: {error}", hint="restore it from the backup, or train again"
        ) from None
    if digest(frame) != sha256:
        raise BundleError(
            f"{path} was changed since the model was made", hint="restore it from the backup, or train again"
        )
    return frame


def digest(answers: pd.DataFrame) -> str:
    """sha256 over the values, whatever file they stand in."""
    found = hashlib.sha256()
    for name in COLUMNS:
        values = answers[name].to_numpy()
        found.update(name.encode())
        if values.dtype == object or str(answers[name].dtype).startswith(("str", "category")):
            found.update("\0".join(map(str, values)).encode())
        else:
            found.update(np.ascontiguousarray(values).tobytes())
    return found.hexdigest()
