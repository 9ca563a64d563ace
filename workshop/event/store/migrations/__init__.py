"""Changes of the store's tables, one a file in versions/, in their order."""
