"""`workshop images`: from their source to the clusters, by digest."""
