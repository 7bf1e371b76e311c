"""Controls of a ticket: the same mask trained from other values, or another mask of the same counts."""
