"""Look-ups before anything is declared: each answers a value or a typed absence."""
