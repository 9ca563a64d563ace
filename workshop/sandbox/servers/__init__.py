"""The sandbox's servers: a package each for AWS, Cloudflare, Coder and the like, behind one port."""
