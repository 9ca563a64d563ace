"""What is shown while a workshop runs, before it, and from month to month: panels as data."""
