"""Preflight: looks at what really runs and says go or no-go."""
