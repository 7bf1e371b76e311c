"""The mirror of a run folder in W&B, which never holds training up."""
