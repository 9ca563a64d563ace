"""What is known of an event afterwards: its report, and months of them."""
