"""DNS: what name servers answer about the sandbox's zones."""
