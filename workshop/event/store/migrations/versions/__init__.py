"""One change of the store a file; one that was released is never changed again."""
