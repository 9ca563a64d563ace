"""What follows from settings alone: sizes, nodes, storage, cost. No cloud is asked and nothing is judged."""
