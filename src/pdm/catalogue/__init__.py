"""Definitions read from the rooms' TOML: asset classes, channels, feature sets, failure modes, targets, costs and alert policies."""

from pdm.catalogue.asset_class import AssetClass, Channel, RunningRule
from pdm.catalogue.axis import Axis
from pdm.catalogue.feature_set import MINIMAL, EventFeatures, FeatureSet, LifeFeatures, Window
from pdm.catalogue.gate import Gate
from pdm.catalogue.load import Catalogue, load_catalogue
from pdm.catalogue.model import Costs, FailureMode, Learner, ModelDefinition, Severity, Sign, Split, Target
from pdm.catalogue.package import JobPackage, SparePart, Task
from pdm.catalogue.planning import Planning
from pdm.catalogue.policy import Limits, ModePolicy, Policy
from pdm.catalogue.selection import Selection
from pdm.catalogue.transforms import (
    Combination,
    HealthIndices,
    RegimeNormaliser,
    Transform,
    WearPaths,
    derived_channels,
)

__all__ = [
    "MINIMAL",
    "AssetClass",
    "Axis",
    "Catalogue",
    "Channel",
    "Combination",
    "Costs",
    "EventFeatures",
    "FailureMode",
    "FeatureSet",
    "Gate",
    "HealthIndices",
    "JobPackage",
    "Learner",
    "LifeFeatures",
    "Limits",
    "ModePolicy",
    "ModelDefinition",
    "Planning",
    "Policy",
    "RegimeNormaliser",
    "RunningRule",
    "Selection",
    "Severity",
    "Sign",
    "SparePart",
    "Split",
    "Target",
    "Task",
    "Transform",
    "WearPaths",
    "Window",
    "derived_channels",
    "load_catalogue",
]
