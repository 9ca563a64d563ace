"""How the board looks in a terminal."""
