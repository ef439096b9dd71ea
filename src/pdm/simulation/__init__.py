"""The simulated plant: sixty machines, a year, and nothing to download."""

from pdm.simulation.plant import SimulatedPlant
from pdm.simulation.small_plant import simulate_small_plant

__all__ = ["SimulatedPlant", "simulate_small_plant"]
