"""How long commands take, side by side with the real Pulumi CLI; `scripts/bench` runs them all."""
