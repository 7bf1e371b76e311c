"""The door of `python -m lth.results`."""

import sys

from lth.results.command import main
from lth.terminal import run

if __name__ == "__main__":
    sys.exit(run(main))
