"""Checks that ask the regions' clusters."""
