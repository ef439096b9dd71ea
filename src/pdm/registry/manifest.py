"""What a bundle says about itself: definitions, tables, golden rows and the hash of every file, as one JSON document.

The version is a hash of the content, so that the same data and configuration give the same version, whoever trained when.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from pdm.catalogue import AssetClass, FeatureSet, ModelDefinition, Target
from pdm.errors import BundleError
from pdm.registry.codec import decode, encode, pack, unpack

SCHEMA = 1
FILE_NAME = "manifest.json"
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
NONSENSE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What Python raises over a document of the wrong shape: 400 digits where a float should be, a list where a table should be."""
_NOT_CONTENT = ("version", "created_at", "created_by", "signed_by", "code_version")


@dataclass(frozen=True)
class TargetEntry:
    """One target's boosters as files: role -> file name, and its calibration tables."""

    target: Target
    boosters: Mapping[str, str]
    calibration: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Golden:
    """A few rows with the answers they must get: the proof that a loaded model is the one that was trained.

    rows: float32 [n <= 32, features]. scores: file -> raw booster scores, compared bit for bit.
    answers: calibrated answers by name, such as `probability:fails_soon`, float64 [n].
    """

    rows: npt.NDArray[np.float32]
    scores: Mapping[str, npt.NDArray[np.float64]]
    answers: Mapping[str, npt.NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Manifest:
    """Everything about a bundle but the booster texts.

    feature_names: rendered names in column order; they are never rebuilt from the feature set.
    cases: past cases of the model, as JSON, which a score is likened to.
    transforms: what was learnt for the derived channels, as JSON; the features on them stand in the definition.
    extraction_version: which feature code computed the training rows. data_versions: table -> version that training read.
    files: file name -> sha256. signed_by: fingerprint of the signing key. code_version: of the platform that learnt it.
    """

    version: str
    asset_class: AssetClass
    definition: ModelDefinition
    feature_set: FeatureSet
    feature_names: tuple[str, ...]
    unit: str
    targets: tuple[TargetEntry, ...]
    facts: Mapping[str, Any]
    extraction_version: str
    data_versions: Mapping[str, int]
    golden: Golden
    files: Mapping[str, str]
    created_at: datetime
    created_by: str
    signed_by: str
    transforms: Mapping[str, Any] = field(default_factory=dict)
    watch: Mapping[str, Any] = field(default_factory=dict)
    age: Mapping[str, Any] = field(default_factory=dict)
    cases: Mapping[str, Any] = field(default_factory=dict)
    code_version: str = ""

    @property
    def derived_features(self) -> FeatureSet | None:
        """The second feature set, on the derived channels; None where the model learnt none."""
        return self.definition.derived_features if self.transforms else None


def to_json(manifest: Manifest) -> bytes:
    """The document as UTF-8 JSON with sorted keys; its version is filled in from its content."""
    plain: dict[str, Any] = {
        "schema": SCHEMA,
        "asset_class": encode(manifest.asset_class),
        "definition": encode(manifest.definition),
        "feature_set": encode(manifest.feature_set),
        "feature_names": list(manifest.feature_names),
        "unit": manifest.unit,
        "targets": [
            {
                "target": encode(entry.target),
                "boosters": dict(entry.boosters),
                "calibration": pack(entry.calibration),
            }
            for entry in manifest.targets
        ],
        "facts": pack(manifest.facts),
        "extraction_version": manifest.extraction_version,
        "data_versions": pack(manifest.data_versions),
        "golden": {
            "rows": [[_cell(value) for value in row] for row in manifest.golden.rows],
            "scores": {file: scores.tolist() for file, scores in manifest.golden.scores.items()},
            "answers": {name: pack(values) for name, values in manifest.golden.answers.items()},
        },
        "files": dict(manifest.files),
        "transforms": pack(manifest.transforms),
        "watch": pack(manifest.watch),
        "age": pack(manifest.age),
        "cases": pack(manifest.cases),
    }
    plain |= {
        "version": content_version(plain),
        "created_at": manifest.created_at.isoformat(),
        "created_by": manifest.created_by,
        "signed_by": manifest.signed_by,
        "code_version": manifest.code_version,
    }
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1).encode()


def content_version(plain: Mapping[str, Any]) -> str:
    """Twelve hex digits of the sha256 over everything that decides an answer; not over when or by whom it was made."""
    content = {key: value for key, value in plain.items() if key not in _NOT_CONTENT}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def from_json(content: bytes) -> Manifest:
    """The manifest that `to_json` wrote.

    Raises:
        BundleError: another schema version, or not the shape of a manifest.
    """
    plain = _parse(content)
    try:
        if plain["version"] != content_version(plain):
            raise BundleError(f"{FILE_NAME}: its version is not the hash of its content", hint="train again")
        golden = plain["golden"]
        return Manifest(
            version=plain["version"],
            asset_class=decode(AssetClass, plain["asset_class"]),
            definition=decode(ModelDefinition, plain["definition"]),
            feature_set=decode(FeatureSet, plain["feature_set"]),
            feature_names=tuple(plain["feature_names"]),
            unit=plain["unit"],
            targets=tuple(_entry(item) for item in plain["targets"]),
            facts=unpack(plain["facts"]),
            extraction_version=plain["extraction_version"],
            data_versions=unpack(plain["data_versions"]),
            golden=Golden(
                _rows(golden["rows"]),
                {_safe(file): _floats(scores) for file, scores in golden["scores"].items()},
                {name: _floats(unpack(values)) for name, values in golden["answers"].items()},
            ),
            files={_safe(file): digest for file, digest in plain["files"].items()},
            created_at=datetime.fromisoformat(plain["created_at"]),
            created_by=plain["created_by"],
            signed_by=plain["signed_by"],
            # Bundles from before there were derived channels, a watch list, ages or past cases have none.
            transforms=unpack(plain.get("transforms", {})),
            watch=unpack(plain.get("watch", {})),
            age=unpack(plain.get("age", {})),
            cases=unpack(plain.get("cases", {})),
            code_version=str(plain.get("code_version", "")),
        )
    except NONSENSE as error:
        raise BundleError(
            f"{FILE_NAME} is incomplete: {type(error).__name__} {error}", hint="train again, or restore it"
        ) from None


def booster_file(target: str, role: str) -> str:
    """Name of the file that holds one booster.

    >>> booster_file("fails_soon", "probability")
    'fails_soon.probability.txt'
    """
    return _safe(f"{target}.{role}.txt")


def _parse(content: bytes) -> dict[str, Any]:
    try:
        plain = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{FILE_NAME} is not JSON: {error}", hint="restore the bundle, or train again") from None
    schema = plain.get("schema") if isinstance(plain, dict) else None
    if schema != SCHEMA:
        raise BundleError(
            f"{FILE_NAME} has schema {schema}, this platform reads {SCHEMA}",
            hint="train again with this version of the platform, or score with the one that made the bundle",
        )
    return dict(plain)


def _entry(plain: Mapping[str, Any]) -> TargetEntry:
    boosters = {role: _safe(file) for role, file in plain["boosters"].items()}
    return TargetEntry(decode(Target, plain["target"]), boosters, unpack(plain["calibration"]))


def _safe(file: str) -> str:
    """A file name that stays inside the bundle's folder."""
    if not _SAFE_NAME.fullmatch(file):
        raise BundleError(f"{file!r} is no file name for a bundle", hint="letters, digits, dot, dash and underscore")
    return file


def _cell(value: np.float32) -> float | str | None:
    """The shortest number that reads back as the same float32; NaN is null, infinities are text."""
    if np.isnan(value):
        return None
    return str(value) if np.isinf(value) else float(str(value))


def _rows(plain: list[list[float | str | None]]) -> npt.NDArray[np.float32]:
    return np.array([[np.nan if cell is None else float(cell) for cell in row] for row in plain], np.float32)


def _floats(values: list[float]) -> npt.NDArray[np.float64]:
    return np.array(values, np.float64)
