"""Coder's API as the event needs it: typed, at a pace that Coder allows, nothing made twice (docs/coder-client.md)."""
