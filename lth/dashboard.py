"""The door of `python -m lth.dashboard`."""

import sys

from lth.terminal import run
from lth.tracking.dashboard import main

if __name__ == "__main__":
    sys.exit(run(main))
