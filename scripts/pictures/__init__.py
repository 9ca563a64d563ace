"""What draws the pictures in docs from what commands print."""
