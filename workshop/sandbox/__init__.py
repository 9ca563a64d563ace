"""The local stand-in for AWS, Cloudflare, the clusters and the Pulumi engine. Reaches loopback only."""
