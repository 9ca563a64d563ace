"""What DNS really answers, and zones as other programs write them."""
