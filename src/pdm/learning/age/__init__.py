"""What age alone says: how long parts last, from the dates on which they were installed, failed or were replaced. No sensor is asked.

    lives on record ──> one posterior of Weibull shapes per failure mode ──> P(failure within h), remaining life, curve at any age

It is the lowest rung of the ladder, and it says when age says nothing.
"""

from pdm.learning.age.fit import fit_ages
from pdm.learning.age.model import AgeModel, AgeOfMode, age_from

__all__ = ["AgeModel", "AgeOfMode", "age_from", "fit_ages"]
