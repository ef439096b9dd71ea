"""The bundle: what scoring loads, one signed folder per asset class and version. Nothing in it is ever unpickled.

    bundles/<class>/<version>/
    ├── manifest.json                definitions, calibration, golden rows, hashes (pdm.registry.manifest)
    ├── manifest.sig                 64 bytes: ed25519 over the bytes of manifest.json
    └── <target>.<role>.txt          one LightGBM text per booster

Loading trusts nothing until it has proved itself, in this order: signature, hashes, versions, shape of the booster texts, golden
scores in a disposable process (pdm.registry.probe), golden answers here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pdm.catalogue import AssetClass, FeatureSet, ModelDefinition
from pdm.errors import BundleError
from pdm.extraction import FeatureSentence
from pdm.extraction import extraction_version as installed_extraction
from pdm.learning.age import AgeModel, age_from
from pdm.learning.apply import Predictor
from pdm.learning.cases import Library, library_from
from pdm.learning.ladder import Ladder, ladder_from
from pdm.learning.model import Model, TargetModel
from pdm.learning.transforms import FittedTransforms, transforms_from
from pdm.learning.transforms.derive import describe_derived
from pdm.learning.watch import Learnt, learnt_from
from pdm.registry import manifest as documents
from pdm.registry.booster_text import check_booster_text
from pdm.registry.golden import prove
from pdm.registry.keys import raw
from pdm.registry.manifest import Manifest
from pdm.registry.signed import read_files, read_manifest, read_signed
from pdm.registry.taste import taste
from pdm.registry.write import write_bundle

__all__ = ["Bundle", "load_bundle", "read_manifest", "write_bundle"]

_verified: dict[tuple[str, bytes, int], Bundle] = {}
_VERIFIED_KEPT = 16


@dataclass(frozen=True, eq=False)
class Bundle:
    """A model that may answer: loaded, verified, ready to predict, safe to share between threads."""

    version: str
    asset_class: AssetClass
    feature_set: FeatureSet
    definition: ModelDefinition
    predictor: Predictor
    manifest: Manifest

    @property
    def feature_names(self) -> tuple[str, ...]:
        return self.manifest.feature_names

    @property
    def created_at(self) -> datetime:
        return self.manifest.created_at

    @cached_property
    def transforms(self) -> FittedTransforms:
        """What makes the derived channels out of readings; none where the model has none."""
        return transforms_from(self.manifest.transforms)

    @cached_property
    def watch(self) -> Learnt | None:
        """What readings are compared with when no failure is on record; None where the class keeps no watch list."""
        return learnt_from(self.manifest.watch)

    @cached_property
    def age(self) -> AgeModel | None:
        """What age alone says; None where something above it answers."""
        return age_from(self.manifest.age)

    @cached_property
    def cases(self) -> Mapping[str, Library]:
        """Past cases by target, which a score is likened to; none where the model came before there were any."""
        return library_from(self.manifest.cases)

    @cached_property
    def ladder(self) -> Ladder:
        """The rung that the model stands on, and why."""
        return ladder_from(self.manifest.facts.get("ladder", {}))

    @cached_property
    def sentences(self) -> Mapping[str, FeatureSentence]:
        """Each feature in words, with its channel and unit."""
        return {name: describe_derived(name, self.definition, self.asset_class) for name in self.feature_names}


def load_bundle(
    folder: Path,
    public_key: Ed25519PublicKey,
    *,
    threads: int,
    version: str | None = None,
    extraction_version: str | None = None,
    timeout: float = 60.0,
) -> Bundle:
    """The bundle in `folder`, after every check.

    One that this process has verified before is returned at once, after its signature and hashes were looked at again.
    version: the one that was promoted; whatever else lies in its place is refused, even when the plant's own key has signed it.
    extraction_version: what the features will be computed with; default: the installed extraction.
    timeout: seconds that the disposable process may take.

    Raises:
        BundleError: which file cannot be trusted, why, and what to do.
    """
    document = read_signed(folder, public_key)
    manifest = documents.from_json(document)
    if version is not None and manifest.version != version:
        raise BundleError(
            f"{folder} holds version {manifest.version} instead of {version}",
            hint="it was changed and signed again: restore it from the backup, or promote what you want to have in charge",
        )
    texts = read_files(folder, manifest)
    expected = installed_extraction() if extraction_version is None else extraction_version
    if manifest.extraction_version != expected:
        raise BundleError(
            f"{folder}: trained on features of extraction {manifest.extraction_version}, but this is {expected}",
            hint="train again: the same name may mean another number now",
        )
    digest = hashlib.sha256(document).hexdigest()
    key = (digest, raw(public_key), threads)
    if known := _verified.get(key):
        return known
    try:
        _check_texts(folder, manifest, texts)
    except documents.NONSENSE as error:
        raise _nonsense(folder, error) from None
    taste(folder, digest, timeout=timeout)
    try:
        predictor = Predictor(_model(manifest, texts), threads)
        prove(folder, manifest.golden, predictor)
        bundle = _bundle(manifest, predictor)
        for part in (bundle.watch, bundle.transforms, bundle.ladder, bundle.age, bundle.cases):
            del part  # read once, here where nonsense is refused, rather than in the first round of scoring
    except documents.NONSENSE as error:
        raise _nonsense(folder, error) from None
    _remember(key, bundle)
    return bundle


def _check_texts(folder: Path, manifest: Manifest, texts: Mapping[str, str]) -> None:
    """All booster texts, those of the watch list among them, before LightGBM sees any."""
    for file, text in texts.items():
        check_booster_text(str(folder / file), text, len(manifest.feature_names))
    for channel in manifest.watch.get("expected", {}).get("channels", ()):
        if channel["booster"]:
            place = f"{folder / documents.FILE_NAME}: expected {channel['channel']}"
            check_booster_text(place, channel["booster"], len(manifest.watch["expected"]["inputs"]))
    weighing = manifest.watch.get("watch", {}).get("weighing")
    if weighing:
        place = f"{folder / documents.FILE_NAME}: weighing"
        check_booster_text(place, weighing["booster"], len(weighing["evidence"]))


def _nonsense(folder: Path, error: Exception) -> BundleError:
    """Signed, whole and still nonsense: one class without a model, never a service without an answer."""
    return BundleError(
        f"{folder}: what its manifest says cannot be worked with: {type(error).__name__} {error}", hint="train again"
    )


def _bundle(manifest: Manifest, predictor: Predictor) -> Bundle:
    return Bundle(
        manifest.version, manifest.asset_class, manifest.feature_set, manifest.definition, predictor, manifest
    )


def _model(manifest: Manifest, texts: Mapping[str, str]) -> Model:
    targets = tuple(
        TargetModel(entry.target, {role: texts[file] for role, file in entry.boosters.items()}, entry.calibration)
        for entry in manifest.targets
    )
    return Model(
        manifest.asset_class.name,
        manifest.feature_names,
        manifest.unit,
        targets,
        manifest.facts,
        manifest.transforms,
        manifest.watch,
        manifest.age,
        manifest.cases,
    )


def _remember(key: tuple[str, bytes, int], bundle: Bundle) -> None:
    while len(_verified) >= _VERIFIED_KEPT:
        _verified.pop(next(iter(_verified)), None)
    _verified[key] = bundle
