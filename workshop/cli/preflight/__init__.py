"""What preflight needs on this machine: the systems it asks, a preview of the stack, and its report."""
