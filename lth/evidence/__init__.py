"""What an experiment's tables say of its question, one file each: pure functions of collected tables."""
