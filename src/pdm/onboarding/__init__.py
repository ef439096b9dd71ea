"""Bring your own data: look at files nobody has described yet, and propose what they mean."""
