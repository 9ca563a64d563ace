"""What Prometheus and Grafana are given, as files."""
