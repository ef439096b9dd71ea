"""Is a model still asked about the world that it has learnt from."""
