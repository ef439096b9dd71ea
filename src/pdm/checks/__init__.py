"""The promises that any adapter must keep, found and run by the contract tests."""
