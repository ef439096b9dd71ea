"""Readers for public data sets that the user has on disk."""
