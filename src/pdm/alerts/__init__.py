"""When to disturb a human: cases, alert life cycle, policy."""
