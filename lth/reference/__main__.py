"""`python -m lth.reference [--to DIR]`: writes keys.md, columns.md and concepts.png, by default into docs/."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lth.terminal import run


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages and print their paths; exit code 0, or 1 when they cannot be written."""
    parser = argparse.ArgumentParser(prog="python -m lth.reference", description="All keys and columns, as pages.")
    parser.add_argument("--to", metavar="DIR", type=Path, default=Path("docs"), help="where to write them")
    options = parser.parse_args(arguments)

    from lth.files.atomic import RecordError, write_atomic
    from lth.reference import annotated, columns, keys

    pages = {"keys.md": keys.page().encode(), "columns.md": columns.page().encode()}
    for name, page in {**pages, "concepts.png": annotated.picture()}.items():
        try:
            write_atomic(options.to / name, page)
        except RecordError as fault:
            print(f"lth.reference: {fault}", file=sys.stderr)
            return 1
        print(options.to / name)
    return 0


if __name__ == "__main__":
    sys.exit(run(main))
