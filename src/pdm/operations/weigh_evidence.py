"""Pool the evidence of several plants, and keep what it teaches where training finds it: if it beats the plain level, and only then."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pdm.errors import BundleError
from pdm.learning.watch import Weighing, weighing_from
from pdm.learning.watch.gather import read_evidence
from pdm.learning.watch.weigh import weigh
from pdm.ports import Plant
from pdm.registry.booster_text import check_booster_text
from pdm.workspace import Workspace

_HINT = "weigh the evidence again: plantpdm evidence weigh; or remove the file, and levels stay plain"


@dataclass(frozen=True)
class WeighedEvidence:
    """used: whether training takes it. why: in words. path: where it lies; empty where it is not used. facts: the figures."""

    used: bool
    why: str
    path: str
    facts: dict[str, Any]


def weigh_evidence(plant: Plant, files: Sequence[Path]) -> WeighedEvidence:
    """Learn from the files of several plants; what was learnt before gives way, also to nothing.

    Raises:
        InputError, ColumnsError: a file is no evidence of this version.
        TooLittleData: too few plants or recorded failures.
    """
    outcome = weigh([read_evidence(file) for file in files])
    path = weighing_file(plant.workspace)
    if outcome.weighing is None:
        path.unlink(missing_ok=True)
        return WeighedEvidence(False, outcome.why, "", outcome.facts)
    keep_weighing(plant.workspace, outcome.weighing.document())
    return WeighedEvidence(True, outcome.why, str(path), outcome.facts)


def weighing_file(workspace: Workspace) -> Path:
    """Where the plant keeps what was learnt."""
    return workspace.evidence / "weighing.json"


def keep_weighing(workspace: Workspace, document: Mapping[str, Any]) -> None:
    """Put a weighing where training finds it."""
    path = weighing_file(workspace)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document) + "\n", encoding="utf-8")


def read_weighing(workspace: Workspace) -> Weighing | None:
    """What the plant's next training puts into its watch lists; None where levels stay plain.

    Raises:
        BundleError: the file is damaged, or of another version.
    """
    path = weighing_file(workspace)
    if not path.is_file():
        return None
    text = path.read_text(encoding="utf-8")
    try:
        weighing = weighing_from(json.loads(text))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BundleError(f"{path} cannot be read: {error!r}", hint=_HINT) from None
    check_booster_text(str(path), weighing.booster, len(weighing.pieces))
    return weighing


def digest(weighing: Weighing) -> str:
    """A number of its content, for the facts of a training."""
    return hashlib.sha256(json.dumps(weighing.document(), sort_keys=True).encode()).hexdigest()[:12]
