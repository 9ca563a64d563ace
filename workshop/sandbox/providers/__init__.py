"""Stand-ins for the provider plugins, against the sandbox's own servers."""
