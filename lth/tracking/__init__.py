"""The mirror of a run folder in W&B or another tracker, which never holds training up."""
