"""Fake maintenance systems: real servers on loopback that speak as the vendors document it, quirks and failures included."""
