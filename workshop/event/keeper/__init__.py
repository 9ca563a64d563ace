"""The keeper: one look after another, and what is due after each."""
