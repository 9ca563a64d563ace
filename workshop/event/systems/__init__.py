"""Clusters, EC2 and GitHub, as the event asks them."""
