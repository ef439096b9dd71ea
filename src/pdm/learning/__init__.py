"""From features to a model: targets, splits, learners, calibration, metrics, evaluation."""
