"""What is measured while a workshop runs, and when somebody is alerted."""
