"""What Prometheus and the autoscaler read, and nothing else exposes; it changes nothing."""
