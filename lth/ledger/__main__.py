"""`python -m lth.ledger TABLES --to DOCS`: DOCS/results.md from collected tables, DOCS/protocol.md from the rules."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lth.collect import Shelf, path_of
from lth.files.atomic import RecordError, write_atomic
from lth.ledger import protocol
from lth.ledger.page import page
from lth.ledger.rule import rules
from lth.terminal import run


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page; exit code 0, or 2 with one line when there are no tables or the page cannot be written."""
    parser = argparse.ArgumentParser(prog="python -m lth.ledger", description="Write results.md from collected tables.")
    parser.add_argument("tables", metavar="TABLES", type=Path, help="a folder of EXPERIMENT.TABLE.parquet")
    parser.add_argument("--to", metavar="DOCS", type=Path, default=Path("docs"), help="where results.md goes (docs)")
    options = parser.parse_args(arguments)
    if not any(options.tables.glob(path_of("", "*", "levels").name)):
        print(f"lth.ledger: {options.tables}: no EXPERIMENT.levels.parquet there; python -m lth.collect makes them",
              file=sys.stderr)  # fmt: skip
        return 2
    pictures = sorted(path.name for path in (options.to / "figures").glob("*.png"))
    try:
        target = options.to / "results.md"
        write_atomic(options.to / "protocol.md", protocol.page(rules()).encode())
        write_atomic(target, page(Shelf(options.tables), pictures).encode())
    except RecordError as fault:
        print(f"lth.ledger: {fault}", file=sys.stderr)
        return 2
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(run(main))
