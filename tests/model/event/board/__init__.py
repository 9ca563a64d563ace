"""Boards of one event, in which one thing at a time is wrong."""
