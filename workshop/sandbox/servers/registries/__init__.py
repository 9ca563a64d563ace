"""Container registries: where images are published, and ECR in each region."""
