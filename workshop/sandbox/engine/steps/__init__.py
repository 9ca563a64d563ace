"""Single steps at providers: what is asked, and what a crash left open."""
