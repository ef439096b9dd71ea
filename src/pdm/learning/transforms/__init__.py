"""Fitted transforms: derived channels, learnt from some assets only and applied by the same code in training and in service."""

from pdm.learning.transforms.fitted import FittedTransforms, fit_transforms, transforms_from

__all__ = ["FittedTransforms", "fit_transforms", "transforms_from"]
