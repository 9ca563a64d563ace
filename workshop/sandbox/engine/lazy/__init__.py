"""Imports of provider SDKs on demand, which take most of a preview's time otherwise."""
