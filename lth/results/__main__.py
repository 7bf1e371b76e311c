"""The door of `python -m lth.results`."""

import sys

from lth.results.table import main

if __name__ == "__main__":
    sys.exit(main())
