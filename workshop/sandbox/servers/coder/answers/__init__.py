"""The shapes of what Coder answers, by subject: as Coder 2.25.1 answered when it was recorded."""
