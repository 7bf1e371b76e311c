"""`python -m lth.collect EXPERIMENT DIR [DIR ...]`: run folders → the experiment's tables."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lth.collect.experiments import CollectError
from lth.collect.reading import path_of
from lth.collect.tables import WORKERS, collect, pack
from lth.files.atomic import RecordError, write_atomic
from lth.terminal import called, run


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the tables of one experiment; exit code 0, or 2 with one line when it cannot be."""
    parser = argparse.ArgumentParser(prog=called("collect"), description="Run folders → flat tables.")
    parser.add_argument("experiment", metavar="EXPERIMENT", help="a name in conf/experiment")
    parser.add_argument("folders", metavar="DIR", nargs="+", type=Path, help="a folder of run folders")
    parser.add_argument("--to", metavar="DIR", type=Path, default=Path("docs/tables"), help="where the tables go")
    parser.add_argument("--draws", metavar="N", type=_count, default=200, help="draws of a null model per ticket")
    parser.add_argument("--tables", metavar="A,B", type=lambda text: text.split(","), help="these tables alone")
    parser.add_argument("--workers", metavar="N", type=_count, default=WORKERS, help="processes of one thread each")
    options = parser.parse_args(arguments)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        made = collect(options.folders, options.experiment, options.tables, options.draws, options.workers)
        for name, table in made.items():
            path, data = path_of(options.to, options.experiment, name), pack(table)
            write_atomic(path, data)
            print(f"{path}: {len(table)} rows, {len(data) / 1000:.0f} kB")
    except (CollectError, RecordError) as fault:
        print(f"lth.collect: {fault}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    _tell(made["levels"].attrs if "levels" in made else next((table.attrs for table in made.values()), {}))
    return 0


def _tell(attrs: Mapping[Any, Any]) -> None:
    for name, word in (("excluded", "excluded"), ("faults", "not read")):
        for line in attrs.get(name, []):
            print(f"{word}: {line}", file=sys.stderr)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


if __name__ == "__main__":
    sys.exit(run(main))
