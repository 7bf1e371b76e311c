"""The door of `python -m lth.run`."""

import sys

try:
    from lth.command.run import main
except KeyboardInterrupt:  # Ctrl-C while it imports, which takes seconds: nothing is begun
    sys.exit(130)

if __name__ == "__main__":
    main()
