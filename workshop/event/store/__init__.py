"""What is kept of an event, in a database, and beside the keeper while that is away."""
