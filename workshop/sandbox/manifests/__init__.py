"""A cluster as manifests: its kinds, who owns which fields, and the folder that keeps them."""
