"""Which model is in charge: bundle, model card, promotion."""
