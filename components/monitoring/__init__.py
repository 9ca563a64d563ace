"""What Prometheus and Grafana are given in a cluster."""
