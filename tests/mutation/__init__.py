"""Mutation testing: how many small faults in policies/ and workshop/model/ the mirrored tests notice."""
