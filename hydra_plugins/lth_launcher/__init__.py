"""The launcher that feeds the stacks of a whole sweep to one pool of workers."""
