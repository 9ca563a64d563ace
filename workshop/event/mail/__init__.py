"""Mail to people of an event: written, sent by a server, and each one's way kept in the outbox."""
