"""The policy pack: its process, and when it is asked."""
