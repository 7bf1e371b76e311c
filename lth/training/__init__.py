"""Lightning's view of a stack: the module that trains a segment, the callback that turns the segments."""
