"""Rules on settings and plan: judged before anything is looked up. One rule a file, named after it."""
