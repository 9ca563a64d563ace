"""AWS: moto, with what it lacks around it."""
