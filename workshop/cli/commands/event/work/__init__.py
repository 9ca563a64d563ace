"""What people made: saved, exported, restored, erased."""
