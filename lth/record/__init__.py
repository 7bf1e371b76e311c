"""The run folder: every file of it, written in one step, checked when read."""
