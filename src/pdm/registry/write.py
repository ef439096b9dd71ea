"""Write a bundle: complete or not at all, and the same content only once."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pdm.catalogue import AssetClass, FeatureSet, ModelDefinition
from pdm.errors import BundleError
from pdm.extraction.plan import without_kernel
from pdm.learning.model import Model
from pdm.registry import manifest as documents
from pdm.registry.booster_text import check_booster_text
from pdm.registry.golden import golden_rows
from pdm.registry.manifest import Manifest, TargetEntry, booster_file
from pdm.registry.signed import SIGNATURE_NAME, fingerprint, read_files, read_manifest


def check_kernels(asset_class: str, feature_set: FeatureSet, definition: ModelDefinition) -> None:
    """Refuse features that a bundle cannot have, before an hour of training rather than after it.

    Raises:
        BundleError: a calculator that only tsfresh computes.
    """
    derived = without_kernel(definition.derived_features) if definition.derived_features else ()
    if slow := (*without_kernel(feature_set), *derived):
        raise BundleError(
            f"the features of {asset_class} need {', '.join(slow)}, which only tsfresh computes, and the service has no tsfresh",
            hint="leave it out of [features.calculators] and train again; docs/features.md says what has a kernel",
        )


def write_bundle(
    folder: Path,
    model: Model,
    *,
    feature_set: FeatureSet,
    asset_class: AssetClass,
    definition: ModelDefinition,
    extraction_version: str,
    data_versions: Mapping[str, int],
    golden: pd.DataFrame,
    key: Ed25519PrivateKey,
    created_by: str = "",
    created_at: datetime | None = None,
    code_version: str = "",
) -> Manifest:
    """Write `folder/<class>/<version>/`, complete or not at all.

    folder: the plant's `bundles`. golden: feature rows with at least the model's features as columns; up to 32 are kept,
    spread over the table. The same content written twice stays the first one, with its author and date.

    Raises:
        BundleError: no golden rows, features missing from them, a text that loading would refuse, a value without a place in JSON,
            or a calculator without a kernel.
    """
    check_kernels(asset_class.name, feature_set, definition)
    texts = {
        booster_file(part.target.name, role): text for part in model.targets for role, text in part.boosters.items()
    }
    for file, text in texts.items():
        check_booster_text(file, text, len(model.feature_names))
    contents = {file: text.encode() for file, text in texts.items()}
    manifest = Manifest(
        version="",
        asset_class=asset_class,
        definition=definition,
        feature_set=feature_set,
        feature_names=model.feature_names,
        unit=model.unit,
        targets=_entries(model),
        facts=model.facts,
        extraction_version=extraction_version,
        data_versions=data_versions,
        golden=golden_rows(model, texts, golden),
        files={file: hashlib.sha256(content).hexdigest() for file, content in contents.items()},
        created_at=created_at or datetime.now(UTC),
        created_by=created_by,
        signed_by=fingerprint(key.public_key()),
        transforms=model.transforms,
        watch=model.watch,
        age=model.age,
        cases=model.cases,
        code_version=code_version,
    )
    document = documents.to_json(manifest)
    manifest = replace(manifest, version=documents.from_json(document).version)
    target = folder / asset_class.name / manifest.version
    if existing := _same_bundle(target, key.public_key()):
        return existing
    contents |= {documents.FILE_NAME: document, SIGNATURE_NAME: key.sign(document)}
    _put_in_place(target, contents)
    return manifest


def _entries(model: Model) -> tuple[TargetEntry, ...]:
    return tuple(
        TargetEntry(
            part.target, {role: booster_file(part.target.name, role) for role in part.boosters}, part.calibration
        )
        for part in model.targets
    )


def _same_bundle(target: Path, public_key: Ed25519PublicKey) -> Manifest | None:
    """The manifest of what already lies there, when it is whole."""
    if not target.is_dir():
        return None
    try:
        manifest = read_manifest(target, public_key)
        read_files(target, manifest)
    except BundleError:
        return None  # damaged, or of another key: the caller puts a whole one in its place
    return manifest


def _put_in_place(target: Path, contents: Mapping[str, bytes]) -> None:
    """Write to a temporary folder beside, then rename: a reader sees all of it or nothing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=".new-"))
    try:
        for file, content in contents.items():
            with (temporary / file).open("wb") as handle:
                handle.write(content)
                handle.flush()
                os.fsync(handle.fileno())
        temporary.chmod(0o755)
        if target.exists():
            target.rename(temporary.with_name(temporary.name.replace(".new-", ".damaged-")))
        temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
