"""Open predictive maintenance: sensor history in, trusted alerts and schedulable work requests out."""

__version__ = "0.1.0"
