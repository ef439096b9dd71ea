"""History through the same scoring, alerts and work, with another clock."""
