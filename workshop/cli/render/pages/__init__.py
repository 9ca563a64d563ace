"""Pages for whoever runs an event and whoever comes, with the event's facts filled in."""
