"""The CrossGuard pack: one policy per file; judges declared resources."""
