"""Alerts by subject, with thresholds from settings and plan."""
