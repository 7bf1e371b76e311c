"""The door of `python -m lth.retrain`."""

from lth.command.retrain import main

if __name__ == "__main__":
    main()
