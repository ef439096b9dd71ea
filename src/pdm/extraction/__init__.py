"""From readings to features: windows, kernels, life and event features, sentences.

The kernels are compiled when they are first used (and cached), so importing this package stays cheap.
"""

from pdm.catalogue.feature_set import MINIMAL, EventFeatures, FeatureSet, LifeFeatures, Window
from pdm.extraction.executor import Executor, Serial, Threads
from pdm.extraction.extract import extract
from pdm.extraction.extract_features import extract_features
from pdm.extraction.gaps import Gap
from pdm.extraction.history_needed import lookback
from pdm.extraction.plan import feature_names
from pdm.extraction.sentences import FeatureSentence, describe_feature
from pdm.extraction.version import extraction_version

__all__ = [
    "MINIMAL",
    "EventFeatures",
    "Executor",
    "FeatureSentence",
    "FeatureSet",
    "Gap",
    "LifeFeatures",
    "Serial",
    "Threads",
    "Window",
    "describe_feature",
    "extract",
    "extract_features",
    "extraction_version",
    "feature_names",
    "lookback",
]
