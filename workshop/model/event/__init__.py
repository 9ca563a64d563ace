"""The event while it runs: what should be, what is, and the steps from one to the other. Pure, as all of the model."""
