"""Cloudflare's API: zones and their DNS records."""
