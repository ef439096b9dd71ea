"""Definitions read from the rooms' TOML: asset classes, channels, feature sets, failure modes, targets, costs and alert policies."""

from pdm.catalogue.asset_class import AssetClass, Channel, RunningRule
from pdm.catalogue.axis import Axis
from pdm.catalogue.feature_set import MINIMAL, EventFeatures, FeatureSet, LifeFeatures, Window
from pdm.catalogue.load import Catalogue, load_catalogue
from pdm.catalogue.model import Costs, FailureMode, Learner, ModelDefinition, Policy, Severity, Sign, Split, Target

__all__ = [
    "MINIMAL",
    "AssetClass",
    "Axis",
    "Catalogue",
    "Channel",
    "Costs",
    "EventFeatures",
    "FailureMode",
    "FeatureSet",
    "Learner",
    "LifeFeatures",
    "ModelDefinition",
    "Policy",
    "RunningRule",
    "Severity",
    "Sign",
    "Split",
    "Target",
    "Window",
    "load_catalogue",
]
