"""How reports look: text, tables, JSON and what other tools read. Nothing here asks or decides."""
