"""What several policies read of the same declared resources: node pools, node classes, images, workspaces."""
