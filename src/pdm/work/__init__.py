"""What a planner receives: work requests, dates, outbox."""
