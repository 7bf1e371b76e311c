"""The door of `python -m lth.run`."""

from lth.command.run import main

if __name__ == "__main__":
    main()
