"""What is kept of an event while it runs: its ledger."""
