"""Stand-in for pulumi-cloudflare."""
