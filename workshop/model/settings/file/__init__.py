"""A stack's file as text: read as the Pulumi CLI reads it, and edited so that all else in it stays to the letter."""
