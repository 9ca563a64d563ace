"""The pictures of reports: SVG, by hand, the same for the same figures."""
