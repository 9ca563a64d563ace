"""Who may come, as a CSV file that people made with whatever they had: read, and written so that nothing in it acts."""
