"""Which images are mirrored, under which names, and what of them is kept."""
