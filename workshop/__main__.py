"""`python -m workshop` is the workshop command."""

from workshop.cli.main import main

main()
