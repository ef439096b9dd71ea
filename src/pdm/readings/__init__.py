"""What the machines said and what was done to them: assets, positions and serial items, lives, running state, quality, the tables."""
