"""A rehearsed workshop: what it is played with, and what is made of what was seen."""
