"""Fakes and builders for tests: shipped, so that a plant can test its own adapters."""
