"""Kubernetes' API of clusters that are folders, and commands in their pods."""
