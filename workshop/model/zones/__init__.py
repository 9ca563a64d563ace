"""Zone files: what one may say, how it is read, which records follow, and what a change of them means."""
