"""What preflight leaves behind: its record, and the checklist with what is ticked by hand."""
