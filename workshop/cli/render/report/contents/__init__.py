"""What a report says, in sections."""
