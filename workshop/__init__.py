"""ai.coder.com's workshop preparation: one number of users in, infrastructure that holds out."""
