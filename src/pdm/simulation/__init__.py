"""The simulated plant: sixty machines, a year, and nothing to download."""

from pdm.simulation.load import LoadCounts, load_plant
from pdm.simulation.plant import SimulatedPlant
from pdm.simulation.small_plant import simulate_small_plant

__all__ = ["LoadCounts", "SimulatedPlant", "load_plant", "simulate_small_plant"]
