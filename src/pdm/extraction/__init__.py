"""From readings to features: windows, kernels, life and event features, sentences."""
