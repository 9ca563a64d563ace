"""What a policy is made of: its type, the resource kinds it takes, and how inputs are read."""
