"""The sandbox's servers: AWS (moto), a Cloudflare API, clusters."""
