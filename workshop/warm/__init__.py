"""What makes nodes ready in the clusters before people come; it may use the model only."""
