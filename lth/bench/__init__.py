"""The project's yardstick: the stack beside what people use today, in one run, on one thread, on the same data."""
