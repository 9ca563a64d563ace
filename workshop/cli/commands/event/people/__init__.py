"""Who comes: their list, invitations, links and mail."""
