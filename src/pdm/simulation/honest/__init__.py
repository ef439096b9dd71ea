"""A simulated plant honest enough to be believed: with failures nobody can see coming, and records as people keep them.

Import from the modules, not from here: the truth stays in a file of its own, which only the judge reads.
"""
