"""Pages that are made from the program itself: every configuration key, every column."""
