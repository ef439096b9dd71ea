"""One file per outside system: the only place that imports its client."""
