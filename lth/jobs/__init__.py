"""The work of a sweep: jobs for one-thread workers, what is left of them, who may do them, and how far they are."""
