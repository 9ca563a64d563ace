"""Pods: as records in clusters in folders, and their containers as processes of this machine."""
