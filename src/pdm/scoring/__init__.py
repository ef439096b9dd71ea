"""What do we think now: assessments and their reasons."""
