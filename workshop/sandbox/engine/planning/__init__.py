"""What has to be done, and in which order: creations and changes as they are registered, deletions at the end."""
