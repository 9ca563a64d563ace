"""What the program registers: goals, the hooks it may run, and the threads that its calls wait in."""
