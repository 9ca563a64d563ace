"""What a stack has: records, on disk as a version 3 deployment and a journal, under a lock."""
