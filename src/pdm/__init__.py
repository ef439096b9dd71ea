"""Open predictive maintenance: sensor history in, trusted alerts and schedulable work requests out.

The story, and where each sentence lives:

    What the machines said, and what was done to them            readings
    becomes features that only look back,                        extraction
    from which models learn when things fail,                    learning
    the best of which a person puts in charge.                   registry
    It says what it thinks of every machine, and why;            scoring
    a human is disturbed only when it lasts,                     alerts
    and a planner receives work that can be scheduled.           work
    What people find becomes labels,                             feedback
    from which the next model learns,                            operations/retrain.py
    and all of it can happen again, as known then.               replay
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pdm.alerts.alert import Alert, Case
    from pdm.catalogue import AssetClass, EventFeatures, FeatureSet, LifeFeatures, ModelDefinition, Window
    from pdm.errors import PdmError
    from pdm.extraction import extract
    from pdm.feedback.verdict import Verdict
    from pdm.ports import Plant
    from pdm.readings.registry import Asset, Installation
    from pdm.scoring.assessment import Assessment
    from pdm.settings import Settings
    from pdm.wiring import build_plant
    from pdm.work.request import WorkRequest

__version__ = "0.1.0"

__all__ = [
    "Alert",
    "Assessment",
    "Asset",
    "AssetClass",
    "Case",
    "EventFeatures",
    "FeatureSet",
    "Installation",
    "LifeFeatures",
    "ModelDefinition",
    "PdmError",
    "Plant",
    "Settings",
    "Verdict",
    "Window",
    "WorkRequest",
    "build_plant",
    "extract",
]

# Names are fetched when they are asked for: `import pdm` costs milliseconds, numba and pandas cost seconds.
_FROM = {
    "Alert": "pdm.alerts.alert",
    "Assessment": "pdm.scoring.assessment",
    "Asset": "pdm.readings.registry",
    "AssetClass": "pdm.catalogue",
    "Case": "pdm.alerts.alert",
    "EventFeatures": "pdm.catalogue",
    "FeatureSet": "pdm.catalogue",
    "Installation": "pdm.readings.registry",
    "LifeFeatures": "pdm.catalogue",
    "ModelDefinition": "pdm.catalogue",
    "PdmError": "pdm.errors",
    "Plant": "pdm.ports",
    "Settings": "pdm.settings",
    "Verdict": "pdm.feedback.verdict",
    "Window": "pdm.catalogue",
    "WorkRequest": "pdm.work.request",
    "build_plant": "pdm.wiring",
    "extract": "pdm.extraction",
}


def __getattr__(name: str) -> Any:
    if name in _FROM:
        return getattr(importlib.import_module(_FROM[name]), name)
    raise AttributeError(f"module 'pdm' has no attribute {name!r}")
